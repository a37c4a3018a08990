#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: render_postgres
short_description: Takes a PostgreSQL database at Render back to a moment
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Recovers the database to a new instance as of a moment, proves it, writes its address into the variables of the services that use it,
    and deploys each of them once, with the code that serves.
  - The old instance is not touched and never deleted. It keeps its name, and O(undo) puts its address back. An instance that was itself
    recovered is renamed when another one takes its place.
  - Render cannot go back to the last 10 minutes, and a new instance has no history yet.
  - When a deploy fails, the variables name the old instance again.
notes:
  - A variable that a Blueprint fills from the database (C(fromDatabase)) names the old instance again after the Blueprint's next sync.
  - Render tells no time of change of a variable. A deploy that somebody else started while the new instance was prepared is taken for one
    that knows its address, if this run was cut off between writing the variables and deploying.
extends_documentation_fragment:
  - lastgood.recovery.render.database
  - lastgood.recovery.reach
  - lastgood.recovery.managed_database
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
"""

EXAMPLES = r"""
- name: Prepare the database of 02:37, and look at it before anything uses it
  lastgood.recovery.render_postgres:
    postgres: dpg-csr7o43v2p9s739qqq2g-a
    good_at: "02:37"
    serve: false
    expectations:
      - {name: orders, min_rows: 100000, newest: created_at, no_older_than: 600}

- name: Let it serve
  lastgood.recovery.render_postgres:
    postgres: dpg-csr7o43v2p9s739qqq2g-a
    services: [srv-ct6vmjtj0q5s700ckea0, srv-ct6vmjtj0q5s700ckeb0]
    good_at: "02:37"

- name: Back to the one from before
  lastgood.recovery.render_postgres:
    postgres: dpg-csr7o43v2p9s739qqq2g-a
    services: [srv-ct6vmjtj0q5s700ckea0, srv-ct6vmjtj0q5s700ckeb0]
    undo: true
"""

RETURN = r"""
serves:
  description: The database that serves afterwards, or now in check mode.
  returned: success
  type: dict
  sample:
    id: dpg-d4f9q2p5pdvs73a1b2c0-a
    name: shop-at-20261122t023700
    prepared_as: shop-at-20261122t023700
    holds: '2026-11-22T02:37:00.000Z'
kept:
  description: The database that served before, if one is kept.
  returned: success
  type: dict
  sample: {id: dpg-csr7o43v2p9s739qqq2g-a, name: shop, prepared_as: null, holds: null}
prepared:
  description: The database that was prepared and proved.
  returned: when one was
  type: dict
  sample:
    id: dpg-d4f9q2p5pdvs73a1b2c0-a
    name: shop-at-20261122t023700
    prepared_as: shop-at-20261122t023700
    holds: '2026-11-22T02:37:00.000Z'
window:
  description: The earliest and the latest moment that can be gone back to; null where the vendor knows none.
  returned: success
  type: list
  elements: str
  sample: ['2026-11-15T02:45:00.000Z', '2026-11-22T02:35:00.000Z']
loss:
  description: How much of what was written is left behind in the database that is kept.
  returned: success
  type: dict
  sample: {seconds: 480.0, since: '2026-11-22T02:37:00.000Z'}
looked_at:
  description: What was looked at before it served, in words.
  returned: success
  type: list
  elements: str
  sample: ['a new connection to shop-at-20261122t023700', 'the health query, SELECT true']
checks:
  description: The verdicts of O(expectations) and O(checks).
  returned: success
  type: list
  elements: dict
  sample: []
notes:
  description: What is worth knowing and no failure.
  returned: success
  type: list
  elements: str
  sample: []
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 312.5
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Give an earlier moment, or run the same command again later."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NotRestorable
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import managed_database
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import render


def main() -> None:
    run_as_module(managed_database.operation(render.DATABASES))


if __name__ == "__main__":
    main()
