# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL: backups that are proved, restores that cannot lie, and what was written in between."""
