# SPDX-License-Identifier: GPL-3.0-or-later
"""The quarterly exercise: a drill of every level and of the communication, and one signed piece of evidence of them all."""
