# SPDX-License-Identifier: GPL-3.0-or-later
"""What a content delivery network serves, asked of each of its addresses."""
