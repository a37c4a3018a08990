#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_slow_queries
short_description: Tells what slows a PostgreSQL database down
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Lists statements that run long, sessions that others wait for, and what took most of the time where C(pg_stat_statements) is there.
  - While an incident goes on its journal keeps the list, and the report shows it.
  - Values in statements are left out of what is shown and kept.
  - Never fails, because it is read while something else has to be done quickly. What cannot be seen is said.
requirements:
  - psycopg >= 3.1
options:
  slow_seconds:
    description: A statement that has been running for so many seconds is slow.
    type: float
    default: 1
  limit:
    description: How many of each to show at most.
    type: int
    default: 5
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.attributes
attributes:
  diff_mode:
    description: Nothing is changed.
    support: none
seealso:
  - module: lastgood.recovery.postgres_activity
"""

EXAMPLES = r"""
- name: Show what slows the database down
  lastgood.recovery.postgres_slow_queries:
    url: "{{ database_url }}"
    slow_seconds: 2
"""

RETURN = r"""
seen:
  description: Whether the server answered.
  returned: success
  type: bool
  sample: true
queries:
  description: Statements that are slow and sessions that others wait for; those in the way of most first, then those that run the longest.
  returned: success
  type: list
  elements: dict
  sample:
    - pid: 4711
      who: nightly-export
      state: active
      seconds: 92.4
      query: SELECT orders.* FROM orders WHERE status = ?
      waits_for: []
      waited_for_by: 4
heaviest:
  description: What took most of the time since the statistics began. Null where C(pg_stat_statements) is missing.
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
summary:
  description: The same in a sentence.
  returned: success
  type: str
  sample: 5 of the sessions of shop are slow or in the way; 4 wait for 4711 (nightly-export)
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import slow_queries


def main() -> None:
    run_as_module(slow_queries.PERFORM)


if __name__ == "__main__":
    main()
