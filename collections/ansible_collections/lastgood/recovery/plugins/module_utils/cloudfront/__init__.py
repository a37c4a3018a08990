# SPDX-License-Identifier: GPL-3.0-or-later
"""Amazon CloudFront: a distribution, its configuration now and in the past, what it refers to, and what its edges have cached."""
