# SPDX-License-Identifier: GPL-3.0-or-later
"""Before a deployment: whether it may begin, and whether there would be a way back."""
