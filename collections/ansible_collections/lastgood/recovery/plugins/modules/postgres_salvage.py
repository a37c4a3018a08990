#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_salvage
short_description: Brings rows that were written after the backup into the restored PostgreSQL database
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - After a restore the old database is kept under another name. Rows that were written to it after the backup are found by the transactions
    that wrote them, copied beside the restored tables, compared with them, and inserted, parents first, in one transaction.
  - Nothing is ever written over. A row whose id was given out again, or which another row stands in the way of, is listed, and so is every
    row that points at it, because its parent would be another one.
  - Check mode tells the same apart, counts it by table, and leaves nothing behind.
  - Where the transactions prove nothing (a migration has rewritten the table, or there is no manifest), rows are compared.
  - Once rows were deleted from the restored table, a row that is missing there and has no later id than the backup is listed as
    C(doubtful), since it may be one of those. Where ids are no numbers nobody can tell, and it comes back.
  - Rows that were deleted after the backup are back with the restore, and stay.
requirements:
  - psycopg >= 3.1
options:
  from_db:
    description: The old database, on the same server.
    type: str
    required: true
  ledger:
    description:
      - The file to list every row in, with what became of it, a line of JSON each. It holds people's data, and is readable for its owner
        only. It is on disk before the transaction ends, and gets its name after that.
      - A ledger that is there already is kept, and this one gets a number.
    type: path
    required: true
  manifest:
    description: The C(manifest.json) of the backup that was restored. Without it everything is compared, and what was deleted from the
      restored database since comes back.
    type: path
  tables:
    description: The tables to salvage; all that both databases have, when it is not given. What their rows point at is looked at as well.
    type: list
    elements: str
  relations:
    description: Relations that the database has no foreign key for, so that rows go to no other parent there either.
    type: list
    elements: dict
    default: []
    suboptions:
      table:
        description: The table whose rows point at others.
        type: str
        required: true
      columns:
        description: The columns that do.
        type: list
        elements: str
        required: true
      parent:
        description: The table that is pointed at.
        type: str
        required: true
      parent_columns:
        description: The columns there, as many as O(relations[].columns).
        type: list
        elements: str
        default: [id]
  updates:
    description:
      - Columns whose later values are to be brought over, too, for rows that the backup has. A migration's own C(UPDATE) looks the same as
        a customer's, so that they have to be named.
      - Only rows that nobody has changed since they were restored.
    type: list
    elements: dict
    default: []
    suboptions:
      table:
        description: The table.
        type: str
        required: true
      columns:
        description: Its columns.
        type: list
        elements: str
        required: true
  keyless:
    description:
      - Tables without a key whose rows are to be inserted, too. A row that was changed is a row more there, because nobody can tell.
    type: list
    elements: str
    default: []
  fire_triggers:
    description: Let the tables' triggers fire for these rows. They may send letters again, or write today's date.
    type: bool
    default: false
  rewritten_share:
    description: When more than this share of the rows in the backup looks as if written since, the table is taken for rewritten.
    type: float
    default: 0.5
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.postgres_integrity
  - module: lastgood.recovery.postgres_activity
"""

EXAMPLES = r"""
- name: What was written after the backup?
  lastgood.recovery.postgres_salvage:
    url: "{{ database_url }}"
    from_db: shop_old_20261122_023000
    manifest: backups/shop/20261122T0200Z/manifest.json
    ledger: "{{ incident_directory }}/lost-rows.jsonl"
  check_mode: true

- name: Bring it back, and with it how orders went on
  lastgood.recovery.postgres_salvage:
    url: "{{ database_url }}"
    from_db: shop_old_20261122_023000
    manifest: backups/shop/20261122T0200Z/manifest.json
    ledger: "{{ incident_directory }}/lost-rows.jsonl"
    updates:
      - {table: orders, columns: [status]}
"""

RETURN = r"""
tables:
  description:
    - By table, how many rows were C(insert) inserted, C(update) updated, or left as they are.
    - Left as they are is what the backup has with other values (C(updated)), what another row stands in the way of (C(conflict)), what
      would be without its parent (C(orphaned)), what may have been deleted since the restore (C(doubtful)), rows of tables that were not
      asked for (C(left_out)), rows of tables without a key (C(keyless)), and what both databases have already (C(same)).
    - C(found_by) is C(transactions) or C(comparison); C(only_in_old) names columns that the restored table has not. The ledger has their
      values.
  returned: success
  type: dict
  sample:
    public.orders:
      insert: 37
      update: 0
      updated: 4
      conflict: 0
      orphaned: 0
      doubtful: 0
      left_out: 0
      keyless: 0
      same: 2
      found_by: transactions
      only_in_old: [tier]
totals:
  description: The same of all tables together.
  returned: success
  type: dict
  sample: {insert: 37, update: 0, updated: 4, conflict: 0, orphaned: 0, doubtful: 0, left_out: 0, keyless: 0, same: 2}
sequences:
  description: Sequences that were moved beyond the rows that came in, with their new value.
  returned: success
  type: dict
  sample: {public.orders_id_seq: 1037}
waited:
  description: Seconds it took.
  returned: success
  type: float
  sample: 1.3
rate:
  description: Rows in a second, all of it counted.
  returned: success
  type: int
  sample: 41500
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Name the manifest.json of the backup that was restored.
progress:
  description: What it told last while it ran, if it had told anything.
  returned: failure
  type: str
  sample: "inserting 600000 rows into public.order_items … 10 s"
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: InUse
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage import operation


def main() -> None:
    run_as_module(operation.PERFORM)


if __name__ == "__main__":
    main()
