#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_watch_turn
short_description: Waits until the next look of a watch is due
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Says every minute what it waits for. Ends the watch when its time is over, when the incident was committed or undone, and when another
    one has begun in the environment.
  - While a rollback, commit or undo holds the environment's lock no look begins, for at most the time between two looks.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after M(lastgood.recovery.incident_watch).
    type: dict
    required: true
extends_documentation_fragment:
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.incident_watch
"""

EXAMPLES = r"""
- name: Wait until the next look is due
  lastgood.recovery.incident_watch_turn:
    incident: "{{ ansible_facts.incident }}"
  register: watch_turn
  run_once: true
"""

RETURN = r"""
due:
  description: Whether there is to be a look now.
  returned: success
  type: bool
number:
  description: Which look; at the end of the watch a number of its own, for M(lastgood.recovery.incident_tell).
  returned: success
  type: int
phase:
  description: What the checks of this look are to call it.
  returned: when a look is due
  type: str
  sample: watch 3
over:
  description: Whether the watch is over.
  returned: success
  type: bool
finished:
  description: Whether it lasted to its end.
  returned: success
  type: bool
commit:
  description: Whether the incident is to be committed now.
  returned: success
  type: bool
exit_code:
  description:
    - 0 when all was well. 11 when a check fails that passed at the verdict, or anything fails at the last look; 14 when it was the tripwire
      alone; 12 when nobody can tell. C(ansible-playbook) exits with it.
  returned: when the watch is over
  type: int
screen:
  description: What came of it, and what to type next.
  returned: when the watch lasted to its end
  type: list
  elements: str
summary:
  description: What came of it, or why the watch ends.
  returned: when the watch is over
  type: str
  sample: "watched for 2 h, 9 looks: all well"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_turn import TURN
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(TURN)


if __name__ == "__main__":
    main()
