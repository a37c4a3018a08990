#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: recovery_point_prune
short_description: Removes recovery points that are not needed any more
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Removes what no rule of O(keep) keeps. The newest is always kept, and so are those that an incident which nobody has ended may go back
    to.
  - Backups of databases are not part of a recovery point's directory, and stay where they are.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  keep:
    description:
      - C(last), so many of the newest; C(days), all that are not older; C(daily) and C(weekly), the newest of each of the last so many days
        and weeks that have any. Whatever one of them keeps is kept; one that is left out keeps nothing.
    type: dict
    default: {last: 10, days: 30, daily: 30, weekly: 12}
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
notes:
  - In a bucket it needs C(s3:DeleteObject), which nothing else needs there.
seealso:
  - module: lastgood.recovery.recovery_point_info
"""

EXAMPLES = r"""
- name: Keep a month, and a quarter of weeks
  lastgood.recovery.recovery_point_prune:
    environment_name: production
    keep: {last: 10, daily: 30, weekly: 12}
"""

RETURN = r"""
removed:
  description: The ids of those that were, or would be, removed.
  returned: success
  type: list
  elements: str
kept:
  description: By id, why it is kept.
  returned: success
  type: dict
  sample: {20261122T143005Z-3fa2: the newest}
summary:
  description: How many were removed.
  returned: success
  type: str
  sample: 3 of 31 recovery points removed
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "It has last, days, daily and weekly, such as {last: 10, days: 30, daily: 30, weekly: 12}."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.points.listing import PRUNE


def main() -> None:
    run_as_module(PRUNE)


if __name__ == "__main__":
    main()
