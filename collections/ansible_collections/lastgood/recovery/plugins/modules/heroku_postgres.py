#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: heroku_postgres
short_description: Takes a Heroku Postgres back to a moment or a backup, and keeps the one that served
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Makes a new add-on of that moment (a rollback, from the Standard plans on) or of a backup, connects to it to see whether the data is
    good, and only then gives it the attachment that the app reads its address from. The old add-on stays, with an attachment whose name
    says since when.
  - Each attachment that comes or goes is a release and starts the app anew; a release phase that fails lets the old database serve again.
  - A backup is restored into an add-on that is empty, never into the one that serves.
extends_documentation_fragment:
  - lastgood.recovery.heroku
  - lastgood.recovery.reach
  - lastgood.recovery.managed_database
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
options:
  attachment:
    description: Name of the attachment whose variable the app reads, without C(_URL).
    type: str
    default: DATABASE
  data_url:
    description:
      - Address of the API of Heroku's databases.
      - Taken from E(HEROKU_DATA_HOST) when it is not given, which may be an address or a host.
    type: str
    default: https://api.data.heroku.com
notes:
  - O(keep_as) is written as Heroku writes names of attachments, V(SHOP_BEFORE) for V(shop-before).
  - Add-ons cost money until they are removed, also those that O(serve=false) has prepared, and those that are kept.
  - Other apps that the old add-on is attached to go on using it, and so do followers and connection pools.
"""

EXAMPLES = r"""
- name: What would be lost?
  lastgood.recovery.heroku_postgres:
    app: rachelfoods-accounts
    good_at: "02:37"
  check_mode: true

- name: Back to before the bad migration, if the users are there
  lastgood.recovery.heroku_postgres:
    app: rachelfoods-accounts
    good_at: "02:37"
    expectations:
      - {name: users, min_rows: 10000}

- name: Back to a backup
  lastgood.recovery.heroku_postgres:
    app: rachelfoods-accounts
    backup: b101

- name: It was not the data after all
  lastgood.recovery.heroku_postgres:
    app: rachelfoods-accounts
    undo: true
"""

RETURN = r"""
serves:
  description: The database that serves, and the moment that it was taken back to, if it was.
  returned: success
  type: dict
  sample: {id: 01234567-89ab, name: pg-calm-at-20261122t023700, prepared_as: pg-calm-at-20261122t023700, holds: "2026-11-22T02:37:00.000Z"}
kept:
  description: What served before, in the same form; null when nothing was replaced.
  returned: success
  type: dict
  sample: {id: 89abcdef-0123, name: pg-calm, prepared_as: null, holds: null}
prepared:
  description: What was prepared and proved, in the same form; null in check mode, and when it serves already.
  returned: success
  type: dict
  sample: {id: 01234567-89ab, name: pg-calm-at-20261122t023700, prepared_as: pg-calm-at-20261122t023700, holds: "2026-11-22T02:37:00.000Z"}
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
  sample: [a new connection to pg-calm-at-20261122t023700, "the health query, SELECT true", "orders: rows"]
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
  sample: 214.1
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
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import heroku


def main() -> None:
    run_as_module(managed_database.operation(heroku.VENDOR))


if __name__ == "__main__":
    main()
