#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: migration
short_description: Takes a migration back, by itself or with the database
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - V(A) takes the migration back as M(lastgood.recovery.prisma_migration) does, and loses no data. V(B) restores the database from before
    the migration, as M(lastgood.recovery.database) does.
  - Which one is decided from what the migration's SQL did, from the rows that were written since, and from whether the data is as it
    should be (O(integrity)). Where nobody can tell, it is refused until O(option) says it.
  - It is decided once. Every later run of the incident goes on along the way that its plan has.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  target:
    description: The target that the database is, in the incident's plan.
    type: str
    required: true
  prisma:
    description: How Prisma reaches the database, and its code.
    type: dict
    required: true
    suboptions:
      url:
        description: See M(lastgood.recovery.prisma_migration). From E(DATABASE_URL) when it is not given.
        type: str
      schema:
        description: See M(lastgood.recovery.prisma_migration).
        type: str
      migrations:
        description: See M(lastgood.recovery.prisma_migration).
        type: path
  integrity:
    description:
      - What is expected of the data, C(tables), C(queries), C(relations) and C(checks) of M(lastgood.recovery.postgres_integrity). Data
        that is not so makes it V(B). How old the newest row is does not count.
    type: dict
    default: {}
  migration:
    description: Its whole name; the one that failed, or else the last one that was applied, when it is not given.
    type: str
  option:
    description: Insist on one of them, whatever would be lost.
    type: str
    choices: [A, B]
  timeout:
    description: How many seconds each step of a vendor may take.
    type: float
  poll:
    description: The longest pause, in seconds, between two looks while waiting for a vendor.
    type: float
requirements:
  - psycopg >= 3.1
  - requests
extends_documentation_fragment:
  - lastgood.recovery.any_database
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.prisma_migration_info
  - module: lastgood.recovery.prisma_migration
  - module: lastgood.recovery.database
"""

EXAMPLES = r"""
- name: Take back the migration that broke checkout
  lastgood.recovery.migration:
    incident: "{{ ansible_facts.incident }}"
    target: "{{ inventory_hostname }}"
    prisma: "{{ prisma }}"
    provider: "{{ database.provider }}"
    options: "{{ database.options }}"
    backups: "{{ database.backups }}"
"""

RETURN = r"""
way:
  description: C(migration), C(option), C(why), and C(good_at), the moment that everything else goes back to.
  returned: success
  type: dict
  sample:
    migration: 20260113101500_add_loyalty_tiers
    option: B
    why: "it changed data itself, which no reverse script brings back: DELETE FROM products"
    good_at: "2026-01-13T10:19:59.000Z"
    even_if_written: false
good_at:
  description: The same moment.
  returned: success
  type: str
  sample: "2026-01-13T10:19:59.000Z"
goes_back:
  description: Whether it goes back, or would in check mode.
  returned: success
  type: bool
  sample: true
loss:
  description: As M(lastgood.recovery.database) tells it; null for V(A).
  returned: success
  type: dict
  sample: {seconds: 1712.0, since: "2026-11-22T02:30:00.000Z", rows: 37}
holds:
  description: The moment that data or schema are, or would be, of.
  returned: success
  type: str
  sample: "2026-11-22T02:30:00.000Z"
vendor:
  description: What takes it back, as people write it.
  returned: success
  type: str
  sample: Prisma
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Look at it, then say so: -e option=A takes the migration back, -e option=B restores the database from before it."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import migration
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(migration.PERFORM)


if __name__ == "__main__":
    main()
