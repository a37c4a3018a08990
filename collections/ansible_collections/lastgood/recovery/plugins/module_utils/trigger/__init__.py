# SPDX-License-Identifier: GPL-3.0-or-later
"""What an alert sets off: read in whatever form it comes, answered once, or left to people."""
