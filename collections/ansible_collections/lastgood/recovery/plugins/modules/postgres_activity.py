#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_activity
short_description: Stops those who write to a PostgreSQL database, lets them in again, and tells what is slow
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Without O(state) it only tells who is connected, what runs long, and what took most of the time.
  - To stop writers it shuts the door first and ends the sessions that are in after that, all at once, until nobody is left. In the other
    order an application is back before the last of its sessions is gone.
  - A session that this role may not end, such as a superuser's, is refused before anything is changed. A role that is no superuser needs
    to own the database, and to be a member of C(pg_signal_backend) for other roles' sessions.
  - Values in statements are left out of what is shown.
requirements:
  - psycopg >= 3.1
options:
  state:
    description:
      - V(read_only) lets everybody in and nobody write. It is the default of new transactions; an application that insists can change it.
      - V(closed) lets nobody in, superusers included, and no program such as C(pg_dump) either.
      - V(open) undoes both.
    type: str
    choices: [open, read_only, closed]
  spare:
    description: Roles whose sessions are left alone, such as the host's own C(rdsadmin).
    type: list
    elements: str
    default: []
  slow_seconds:
    description: A statement that has been running for so many seconds is slow.
    type: float
    default: 5
  limit:
    description: How many sessions and statements to show at most.
    type: int
    default: 20
  timeout:
    description: How many seconds it may take until nobody is left.
    type: float
    default: 60
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 0.5
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.postgres_integrity
  - module: lastgood.recovery.service
"""

EXAMPLES = r"""
- name: Nobody writes any more; reading goes on
  lastgood.recovery.postgres_activity:
    url: "{{ database_url }}"
    state: read_only

- name: Let them write again
  lastgood.recovery.postgres_activity:
    url: "{{ database_url }}"
    state: open

- name: What makes it slow?
  lastgood.recovery.postgres_activity:
    url: "{{ database_url }}"
    slow_seconds: 2
  register: activity
"""

RETURN = r"""
before:
  description: Who was let in, and how many sessions there were. V(half) is what a run leaves that was cut off; run it again.
  returned: success
  type: dict
  sample: {state: open, sessions: 31}
after:
  description: Who is let in now, or would be in check mode, and how many sessions there are.
  returned: success
  type: dict
  sample: {state: read_only, sessions: 4}
ended:
  description: How many sessions were ended, or would be.
  returned: success
  type: int
  sample: 31
sessions:
  description: Who is connected; those that run the longest first. What this role is not shown is null.
  returned: success
  type: list
  elements: dict
  sample:
    - pid: 4711
      role: shop
      superuser: false
      application: api
      client: 10.0.3.7
      state: active
      transaction_seconds: 92.4
      query_seconds: 88.1
      query: UPDATE orders SET status = ? WHERE id = ?
      blocked_by: [4690]
slow:
  description: Those of them, before anybody was ended, whose statement is slow; in the same form.
  returned: success
  type: list
  elements: dict
  sample: []
heaviest:
  description: What took most of the time since the statistics began. Null where C(pg_stat_statements) is missing or nobody is let in.
  returned: success
  type: list
  elements: dict
  sample:
    - query: SELECT * FROM orders WHERE customer_id = $1
      calls: 1200345
      total_seconds: 5012.5
      mean_seconds: 0.0042
unseen:
  description: How many sessions there are of which this role is not shown what they do.
  returned: success
  type: int
  sample: 0
prepared:
  description: Transactions that are prepared and wait for their second half. They cannot be ended, and keep their locks.
  returned: success
  type: list
  elements: dict
  sample:
    - name: payment-17
      owner: shop
      seconds: 340.2
waited:
  description: Seconds until it was so.
  returned: success
  type: float
  sample: 0.7
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Nobody new is let in; run the same command again, or let them in with state: open."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NotAllowed
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import activity


def main() -> None:
    run_as_module(activity.PERFORM)


if __name__ == "__main__":
    main()
