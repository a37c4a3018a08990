# SPDX-License-Identifier: GPL-3.0-or-later
"""What CloudWatch says, as verdicts: alarms by their state, metrics by figures that are computed here from raw sums."""
