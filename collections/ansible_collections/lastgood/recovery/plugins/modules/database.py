#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: database
short_description: Saves a database, takes it back and undoes that, wherever it is
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Works with the place that the inventory names, a PostgreSQL server of one's own or a vendor that manages the database. It does what
    M(lastgood.recovery.postgres_backup), M(lastgood.recovery.postgres_restore) and M(lastgood.recovery.postgres_swap) do there, or the
    vendor's own module, such as M(lastgood.recovery.neon_branch). These have more options.
  - Going back is beside what serves, proved before it serves, and keeps what served. In check mode C(loss) says what would be lost.
options:
  good_at:
    description: Take it back to this moment, or on a server of one's own to the newest backup from before it.
    type: str
  backup:
    description: Take it back to this backup, the vendor's id of it or its address.
    type: str
  undo:
    description: What served before it went back serves again. Asked for twice, it is done once.
    type: bool
  undo_since:
    description:
      - With O(undo), only what has taken its place since then is undone, such as by the incident that is undone. What an earlier one kept
        stays where it is, and nothing is changed.
    type: str
  let_in:
    description:
      - Open it again, where a run on a server of one's own was cut off in the moment in which the database is closed. One that somebody
        works on is left alone.
    type: bool
  save:
    description:
      - Take a dump of what it holds now. V(backup) puts it where restores look for backups, V(emergency) where they do not.
      - Where a vendor keeps what served when it goes back, and there are no O(backups), V(emergency) takes none and says so.
    type: str
    choices: [backup, emergency]
  max_loss:
    description: Refuse to go back when more seconds than this lie between what is gone back to and now.
    type: float
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
notes:
  - In O(reach), a database on a server of one's own is C(postgres) with C(HOST/DATABASE).
seealso:
  - module: lastgood.recovery.postgres_restore
  - module: lastgood.recovery.postgres_salvage
"""

EXAMPLES = r"""
- name: Save what it holds now
  lastgood.recovery.database:
    provider: "{{ database.provider }}"
    options: "{{ database.options }}"
    backups: "{{ database.backups }}"
    save: emergency

- name: Back to before the job that deleted customers
  lastgood.recovery.database:
    provider: "{{ database.provider }}"
    options: "{{ database.options }}"
    backups: "{{ database.backups }}"
    good_at: "02:37"
"""

RETURN = r"""
holds:
  description: The moment that its data is, or would be, of.
  returned: when it goes back, and where that is known
  type: str
  sample: "2026-11-22T02:30:00.000Z"
goes_back:
  description: Whether it goes back, or would in check mode.
  returned: when it goes back
  type: bool
  sample: true
loss:
  description: C(seconds) since C(since), and rows by table where they are counted; what was written in between is only in C(kept) then.
  returned: when it goes back
  type: dict
  sample: {seconds: 1712.0, since: "2026-11-22T02:30:00.000Z", rows: 37}
kept:
  description: What served before, the name of a database or what the vendor calls it.
  returned: when it goes back
  type: raw
  sample: shop_old_20261122_030512
vendor:
  description: Where it is, as people write it.
  returned: when it goes back, or forward again
  type: str
  sample: PostgreSQL
backup:
  description: The dump that was taken, as M(lastgood.recovery.postgres_backup) tells it; null in check mode, and when none is.
  returned: with O(save)
  type: dict
  sample: {path: /var/backups/postgres/emergency/shop/20261122T030512Z, tables: 12, rows: 81204}
saved:
  description: The same as O(save).
  returned: with O(save)
  type: str
  sample: emergency
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Choose a newer backup, or allow more with max_loss.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import database
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(database.PERFORM)


if __name__ == "__main__":
    main()
