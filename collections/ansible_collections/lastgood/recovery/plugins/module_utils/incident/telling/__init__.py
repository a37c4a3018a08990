# SPDX-License-Identifier: GPL-3.0-or-later
"""Telling people about an incident while it goes on."""
