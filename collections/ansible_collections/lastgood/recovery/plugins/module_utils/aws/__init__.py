# SPDX-License-Identifier: GPL-3.0-or-later
"""Amazon Web Services: who asks, what is asked once and what may be repeated, and its errors in our words."""
