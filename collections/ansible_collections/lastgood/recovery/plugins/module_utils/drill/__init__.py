# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill: something is broken on purpose, and put right by the same playbook as in earnest."""
