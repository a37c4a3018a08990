#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_schema_swap
short_description: Undoes a restore by schema, or removes what it has kept
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - M(lastgood.recovery.postgres_restore) with O(lastgood.recovery.postgres_restore#module:mode=schema) keeps the old schemas under dated
    names. This module gives them their names back, in one transaction under locks; what served meanwhile is kept in their place.
  - No session ends unless it holds a lock on a table for long. The same command again changes nothing.
  - The role has to own the schemas and the extensions in them.
requirements:
  - psycopg
options:
  undo:
    description: Let the schemas from before the last swap serve again.
    type: bool
  purge:
    description: Remove this schema, and all that is in it, for good. Only what a swap has kept can be removed.
    type: str
  health_query:
    description: Asked before the swap is committed. No row, null or false means that it is not well, and nothing changes.
    type: str
    default: SELECT true
  end_timeout:
    description: How many seconds it may take to get the locks.
    type: float
    default: 10
  sequence_margin:
    description: How many ids each sequence leaves out behind the greatest that either schema has given out.
    type: int
    default: 100
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.postgres_restore
  - module: lastgood.recovery.postgres_swap
"""

EXAMPLES = r"""
- name: Go back to the schemas from before the restore
  lastgood.recovery.postgres_schema_swap:
    url: "{{ database_url }}"
    undo: true

- name: Remove what was kept
  lastgood.recovery.postgres_schema_swap:
    url: "{{ database_url }}"
    purge: public_old_20261122_031500
"""

RETURN = r"""
name:
  description: The database.
  returned: success
  type: str
  sample: shop
kept_schemas:
  description: By schema, the name that what it was is kept under.
  returned: success
  type: dict
  sample: {public: public_old_20261122_031500}
closed:
  description: Seconds that the tables were locked.
  returned: success
  type: float
  sample: 0.02
ended:
  description: Sessions that were ended because they held a lock.
  returned: success
  type: int
  sample: 0
sequences:
  description: Sequences that were moved, with their new values.
  returned: success
  type: dict
  sample: {public.orders_id_seq: 1500101}
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 0.1
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Restore a backup instead.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.schema_swap import SCHEMA_SWAP


def main() -> None:
    run_as_module(SCHEMA_SWAP)


if __name__ == "__main__":
    main()
