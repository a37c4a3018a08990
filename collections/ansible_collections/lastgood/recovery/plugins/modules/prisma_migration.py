#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: prisma_migration
short_description: Takes a Prisma migration back
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - A migration that failed is marked as rolled back exactly as C(prisma migrate resolve --rolled-back) does it.
  - One that was applied is taken back only together with its down SQL, both in one transaction. Prisma itself cannot do that. Its row is
    left in the state that Prisma knows as rolled back, so that C(migrate deploy) and C(migrate resolve) go on working.
  - Prisma's own lock is held meanwhile. Refused when rows were written since that would be lost, unless O(even_if_written). Keep writers
    out with M(lastgood.recovery.postgres_activity) and V(read_only) before.
requirements:
  - psycopg >= 3.1
options:
  name:
    description: The whole name of the migration.
    type: str
    required: true
  state:
    description: What it is to be.
    type: str
    choices: [rolled_back]
    default: rolled_back
  down_sql:
    description: File with the SQL that takes it back; C(down.sql) beside its C(migration.sql) in O(migrations) when it is not given.
    type: path
  schema_is_reverted:
    description: What a failed migration had done before it failed is reverted. Needed for one that is not a single transaction.
    type: bool
    default: false
  even_if_written:
    description: Take it back although data is lost that way.
    type: bool
    default: false
  timeout:
    description: How many seconds to wait for a run of C(prisma migrate) to end.
    type: float
    default: 10
  lock_timeout:
    description: How many seconds a statement of the down SQL may wait for a lock. Everybody who comes after it waits as well.
    type: float
    default: 5
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.prisma
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.prisma_migration_info
  - module: lastgood.recovery.postgres_activity
"""

EXAMPLES = r"""
- name: The migration failed; let the next deploy go on
  lastgood.recovery.prisma_migration:
    url: "{{ database_url }}"
    migrations: checkout/prisma/migrations
    name: 20260113101500_add_loyalty_tiers

- name: It was applied, and nobody has used it yet
  lastgood.recovery.prisma_migration:
    url: "{{ database_url }}"
    name: 20260113101500_add_loyalty_tiers
    down_sql: 20260113101500_add_loyalty_tiers.down.sql
"""

RETURN = r"""
before:
  description: What it was, V(applied), V(failed) or V(rolled_back).
  returned: success
  type: str
  sample: applied
after:
  description: What it is, or would be in check mode.
  returned: success
  type: str
  sample: rolled_back
choice:
  description: What M(lastgood.recovery.prisma_migration_info) says about the ways back.
  returned: success, and when data would be lost
  type: dict
  sample:
    migration: 20260113101500_add_loyalty_tiers
    option: A
    why: nothing was inserted or updated since in the 2 tables that it has to do with
    written: {}
deployed_again:
  description: Whether the code still has it, so that the next deploy applies it again. Null without O(migrations).
  returned: success
  type: bool
  sample: false
waited:
  description: Seconds it took.
  returned: success
  type: float
  sample: 0.2
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Give down_sql, or deploy a migration that reverts it, or restore the database.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma import rolling_back


def main() -> None:
    run_as_module(rolling_back.PERFORM)


if __name__ == "__main__":
    main()
