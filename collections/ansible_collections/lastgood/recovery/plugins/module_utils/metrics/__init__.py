# SPDX-License-Identifier: GPL-3.0-or-later
"""What monitoring says, as verdicts: one file for each source. No data, old data and doubtful data are unknown, never well."""
