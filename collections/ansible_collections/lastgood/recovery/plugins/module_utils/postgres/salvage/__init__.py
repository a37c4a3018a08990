# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows that were written after the backup go from the old database into the restored one: all or none, and none to another parent."""
