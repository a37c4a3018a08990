#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_swap
short_description: Lets another PostgreSQL database take the name of the one that applications use, and undoes it
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Closes the database for a moment, ends its sessions, moves the sequences of the replacement behind all ids that were given out, and
    renames both in one transaction. The old database is kept under a dated name.
  - A new connection then asks whether the new one is well. When it is not, they are swapped back.
  - The same command again changes nothing, or finishes what a run that was cut off has begun. A database that lets nobody in is opened.
  - The role has to own both databases, or be a member of their owners, and needs CREATEDB, and pg_signal_backend for sessions of others.
requirements:
  - psycopg
options:
  replacement:
    description: The database that takes the name.
    type: str
  undo:
    description: Let the database that had the name before the last swap have it again.
    type: bool
  purge:
    description: Remove this database for good. Only what a swap has kept, or a rehearsal of a restore, can be removed.
    type: str
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.postgres_swap
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.postgres_restore
  - module: lastgood.recovery.postgres_activity
"""

EXAMPLES = r"""
- name: Serve the database that was prepared
  lastgood.recovery.postgres_swap:
    url: "{{ database_url }}"
    replacement: shop_prepared
    health_query: SELECT count(*) > 0 FROM users

- name: Go back to the one from before
  lastgood.recovery.postgres_swap:
    url: "{{ database_url }}"
    undo: true
"""

RETURN = r"""
name:
  description: The database that applications use.
  returned: success
  type: str
  sample: shop
replacement:
  description: The database that took the name, or would in check mode.
  returned: success
  type: str
  sample: shop_prepared
kept:
  description: The name that the old one is kept under.
  returned: success
  type: str
  sample: shop_old_20261122_023112
notes:
  description: What people should know of it, such as transactions that are rolled back.
  returned: success
  type: list
  elements: str
  sample: [12 sessions are ended]
closed:
  description: Seconds that nobody could connect.
  returned: success
  type: float
  sample: 0.21
ended:
  description: Sessions that were ended.
  returned: success
  type: int
  sample: 12
sequences:
  description: Sequences that were moved, with their new values.
  returned: success
  type: dict
  sample: {public.orders_id_seq: 1500101}
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 0.4
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: COMMIT PREPARED or ROLLBACK PREPARED each of them in that database, then run the same command again.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: InUse
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.swap_module import SWAP


def main() -> None:
    run_as_module(SWAP)


if __name__ == "__main__":
    main()
