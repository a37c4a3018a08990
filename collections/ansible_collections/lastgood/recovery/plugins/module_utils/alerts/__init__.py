# SPDX-License-Identifier: GPL-3.0-or-later
"""When monitoring calls somebody: one set of rules for drills and for the server that alerts."""
