# SPDX-License-Identifier: GPL-3.0-or-later
"""What all incidents of a store say together: the rollback log, the durations against their objectives, the lessons learned."""
