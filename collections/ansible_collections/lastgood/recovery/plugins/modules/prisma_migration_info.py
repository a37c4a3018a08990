#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: prisma_migration_info
short_description: Tells whether a database's Prisma migrations fit the code
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads Prisma's table and the folder with the migrations, and never asks C(prisma migrate status), which says "up to date" of a database
    that is ahead of the code, and does not mention a failed migration while another one is pending.
  - Decides which way back loses less, V(A) to take the migration back or V(B) to restore the database, from what the migration's SQL does
    and from whether rows were inserted or updated since. That is told from the transactions that the rows come from; rows that were
    deleted leave no trace.
requirements:
  - psycopg >= 3.1
options:
  migration:
    description: The migration to decide about; the one that failed, or else the last one that was applied, when it is not given.
    type: str
  choose:
    description: Whether to tell which way back loses less, for which rows may have to be counted.
    type: bool
    default: true
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.prisma
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.prisma_migration
"""

EXAMPLES = r"""
- name: Does the database fit the code that we are going back to?
  lastgood.recovery.prisma_migration_info:
    url: "{{ database_url }}"
    migrations: checkout/prisma/migrations
  register: prisma
"""

RETURN = r"""
verdict:
  description:
    - V(IN STEP), V(BEHIND) when the next deploy applies something, V(AHEAD) when the database has migrations that the code has not,
      V(DIVERGED) when each has something that the other has not, V(FAILED) when one has to be resolved first, V(RUNNING) while a deploy is
      on its way, V(UNKNOWN) without O(migrations).
    - Where Prisma's lock is switched off, a deploy that is on its way looks like V(FAILED).
  returned: success
  type: str
  sample: AHEAD
migrations:
  description:
    - Each that the table or the folder knows. C(odd) is one whose row was written by hand in a way that Prisma never does.
    - C(breaking) says whether code from before it can no longer live with the schema after it, told from its SQL; null where that does not
      tell, such as when O(migrations) does not have it.
  returned: success
  type: list
  elements: dict
  sample:
    - name: 20260113101500_add_loyalty_tiers
      state: applied
      in_code: false
      edited: false
      breaking: null
      attempts: 1
      started_at: "2026-01-13T10:20:00.000Z"
      finished_at: "2026-01-13T10:20:01.410Z"
      rolled_back_at: null
      steps: 1
      logs: ""
      down_sql: false
      odd: false
pending:
  description: What the next deploy applies, in this order; what was rolled back is among it as long as the code has it.
  returned: success
  type: list
  elements: str
  sample: []
ahead:
  description: What only the database has.
  returned: success
  type: list
  elements: str
  sample: [20260113101500_add_loyalty_tiers]
unresolved:
  description: What failed, or is being applied.
  returned: success
  type: list
  elements: str
  sample: []
edited:
  description: What has other SQL in the folder than the one that was applied. Prisma's C(migrate deploy) does not notice.
  returned: success
  type: list
  elements: str
  sample: []
choice:
  description:
    - Which way back loses less. C(option) is V(A), V(B), V(UNKNOWN), or V(NEITHER) for one that is rolled back already; C(written) has the
      rows that were inserted or updated since, by table, among those that the migration has to do with. Null when nothing was ever
      applied, or without O(choose).
  returned: success
  type: dict
  sample:
    migration: 20260113101500_add_loyalty_tiers
    option: B
    why: "rows were written since to tables that it has to do with: 37 in public.User"
    written: {public.User: 37}
summary:
  description: All of it in one sentence.
  returned: success
  type: str
  sample: the database is ahead of the code by 20260113101500_add_loyalty_tiers
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Name the folder prisma/migrations of the code that is to be live.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma import telling


def main() -> None:
    run_as_module(telling.TELL)


if __name__ == "__main__":
    main()
