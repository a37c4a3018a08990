# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories, looked at before anything is read or changed: what is wrong, with file and line."""
