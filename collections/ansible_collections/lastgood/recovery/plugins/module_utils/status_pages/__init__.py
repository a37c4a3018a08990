# SPDX-License-Identifier: GPL-3.0-or-later
"""Is it us or the vendor? What the vendors' own status pages say."""
