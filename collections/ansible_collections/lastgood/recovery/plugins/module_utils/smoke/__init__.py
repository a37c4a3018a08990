# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoke tests: walking through a site's critical flows over HTTP, as its users do."""
