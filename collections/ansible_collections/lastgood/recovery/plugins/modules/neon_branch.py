#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: neon_branch
short_description: Takes a branch at Neon back to a moment, and keeps what it held
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes a branch of that moment beside the one that serves, and connects to it to see whether the data is good. Only then the branch that
    serves is itself restored to that moment; its host and connection string stay, connections are cut for some seconds. What it held stays
    in a branch of its own, and the one that was only looked at is deleted.
  - All databases of the branch go back together. How far is for the project's history retention to say. Snapshots are no backups here.
  - Ids of operations are followed until they have ended. An answer that is lost is looked for by the name of what is kept, so that no
    restore is asked for twice.
extends_documentation_fragment:
  - lastgood.recovery.neon
  - lastgood.recovery.reach
  - lastgood.recovery.managed_database
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
notes:
  - What is kept is called C(NAME-old-TIME-at-MOMENT), or O(keep_as) with C(-at-MOMENT) behind it. It tells later runs which moment the
    branch was taken back to.
  - Branches that were made of the branch hang below what is kept afterwards.
"""

EXAMPLES = r"""
- name: What would be lost?
  lastgood.recovery.neon_branch:
    project: shiny-wind-028834
    database: shop
    role: shop
    good_at: "02:37"
  check_mode: true

- name: Back to before the bad migration, if the orders are there
  lastgood.recovery.neon_branch:
    project: shiny-wind-028834
    database: shop
    role: shop
    good_at: "02:37"
    max_loss: 1800
    expectations:
      - {name: orders, min_rows: 50000, newest: created_at, no_older_than: 900}

- name: It was not the data after all
  lastgood.recovery.neon_branch:
    project: shiny-wind-028834
    database: shop
    role: shop
    undo: true
"""

RETURN = r"""
serves:
  description: The database that serves, and the moment that it was taken back to, if it was.
  returned: success
  type: dict
  sample: {id: br-aged-salad-637688, name: main, prepared_as: main-at-20261122t023700, holds: "2026-11-22T02:37:00.000Z"}
kept:
  description: What served before, in the same form; null when nothing was replaced.
  returned: success
  type: dict
  sample: {id: br-calm-wave-120044, name: main-old-20261122t030512347-at-20261122t023700, prepared_as: null, holds: null}
prepared:
  description: What was prepared and proved, in the same form; null in check mode, and when it serves already.
  returned: success
  type: dict
  sample: {id: br-damp-hill-832856, name: main-at-20261122t023700, prepared_as: main-at-20261122t023700, holds: "2026-11-22T02:37:00.000Z"}
loss:
  description: How many C(seconds) of data, C(since) when, are afterwards only in what is kept; null when nothing is replaced.
  returned: success
  type: dict
  sample: {seconds: 1712.0, since: "2026-11-22T02:37:00.000Z"}
window:
  description: The earliest and the latest moment that can be gone back to; null for each that the vendor does not know.
  returned: success
  type: list
  elements: str
  sample: ["2026-11-15T03:05:12.000Z", "2026-11-22T03:05:12.000Z"]
looked_at:
  description: What was looked at in the new database before it served.
  returned: success
  type: list
  elements: str
  sample: [a new connection to main-at-20261122t023700, "the health query, SELECT true", "orders: rows"]
checks:
  description: The verdicts on O(expectations) and O(checks), as M(lastgood.recovery.postgres_integrity) tells them.
  returned: success
  type: list
  elements: dict
  sample: [{name: "orders: rows", verdict: OK, expected: at least 50000 rows, got: 81204 rows}]
notes:
  description: What people should know, such as something that could not be tidied up.
  returned: success
  type: list
  elements: str
  sample: []
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 14.1
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Give a later moment.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NotRestorable
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import managed_database
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import neon


def main() -> None:
    run_as_module(managed_database.operation(neon.VENDOR))


if __name__ == "__main__":
    main()
