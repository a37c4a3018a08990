# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags, one file for each vendor, its quirks inside and nowhere else."""
