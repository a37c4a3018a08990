#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: railway_backup
short_description: Takes a database at Railway back to a backup, or to a moment
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - A backup comes back as another volume of the same service. Railway copies it and only stages the swap; this module waits for the copy,
    applies the swap, and waits until the service is deployed on it. The address stays. The volume that served is kept, unmounted.
  - Railway applies all changes that are staged in an environment together, so that others which are staged are refused, before the copy
    and again right before the swap.
  - Where the write-ahead log is archived, O(good_at) comes back as a service of its own, which the variables of O(clients) then refer to.
    Each client is deployed once, with the code that serves. The service that served is not touched.
  - When a deployment fails, the volume from before is mounted again, or the variables refer to the service from before.
notes:
  - Restoring a backup deletes all backups that are newer, which is said before. What the database held then is in the volume that is kept.
  - Nobody can look into a volume before it is mounted, so that O(expectations) and O(checks) are refused with a backup.
  - A run that is cut off while Railway copies leaves a volume staged that bears the backup's date; it is refused, with what to do.
extends_documentation_fragment:
  - lastgood.recovery.railway
  - lastgood.recovery.railway.database
  - lastgood.recovery.reach
  - lastgood.recovery.managed_database
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
"""

EXAMPLES = r"""
- name: Back to the newest backup from before the migration, if it costs two hours at most
  lastgood.recovery.railway_backup:
    service: 9c1b5f62-3d7e-4f28-a6b4-0e5d8c7a1f39
    backup: 1f0c6a52-7a3b-4d0e-9c55-2b8a4f6e7d10
    max_loss: 7200

- name: The volume from before serves again
  lastgood.recovery.railway_backup:
    service: 9c1b5f62-3d7e-4f28-a6b4-0e5d8c7a1f39
    undo: true

- name: Back to a moment, in a service beside
  lastgood.recovery.railway_backup:
    service: 9c1b5f62-3d7e-4f28-a6b4-0e5d8c7a1f39
    clients: [7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43]
    good_at: "02:37"
"""

RETURN = r"""
serves:
  description: The database that serves afterwards, or now in check mode.
  returned: success
  type: dict
  sample:
    id: 4be2d7a0-91c3-4f5e-8a7b-6d0c2e1f3a59
    name: Postgres-at-20261122t023700
    prepared_as: Postgres-at-20261122t023700
    holds: '2026-11-22T02:37:00.000Z'
kept:
  description: The database that served before, if one is kept.
  returned: success
  type: dict
  sample: {id: 9c1b5f62-3d7e-4f28-a6b4-0e5d8c7a1f39, name: Postgres, prepared_as: null, holds: null}
prepared:
  description: The database that was prepared and proved.
  returned: when one was
  type: dict
  sample:
    id: 4be2d7a0-91c3-4f5e-8a7b-6d0c2e1f3a59
    name: Postgres-at-20261122t023700
    prepared_as: Postgres-at-20261122t023700
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
  sample: ['a new connection to Postgres-at-20261122t023700', 'the health query, SELECT true']
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
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import railway


def main() -> None:
    run_as_module(managed_database.operation(railway.DATABASES))


if __name__ == "__main__":
    main()
