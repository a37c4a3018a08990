# SPDX-License-Identifier: GPL-3.0-or-later
"""A release that goes out stage by stage, looked at in each, and taken back where it is worse."""
