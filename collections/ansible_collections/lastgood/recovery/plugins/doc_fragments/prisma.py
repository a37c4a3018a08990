# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """Where Prisma's table and the code's migrations are."""

    DOCUMENTATION = r"""
options:
  schema:
    description: The schema that Prisma works in; that of O(url), or V(public), when it is not given.
    type: str
  migrations:
    description:
      - The folder C(prisma/migrations) of the code that is, or is about to be, live. Without it nobody can tell whether the two fit.
    type: path
"""
