# SPDX-License-Identifier: GPL-3.0-or-later
"""Prisma's migrations, as the table and the folder have them: C(migrate status) hides failures, and databases ahead of the code."""
