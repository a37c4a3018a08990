# SPDX-License-Identifier: GPL-3.0-or-later
"""Stripe, as far as one can see in its test mode whether payments work."""
