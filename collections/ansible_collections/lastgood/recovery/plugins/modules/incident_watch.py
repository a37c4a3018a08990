#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_watch
short_description: Takes up the watch of what was rolled back
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Finds the incident that is going on and sets C(ansible_facts.incident), from which on its journal is written. A watch that was broken
    off goes on where it was; when one has come to its end another begins.
  - Refused while another run watches the same incident, and before the rollback has a verdict. It does not take the environment's lock, so
    that a rollback can start at any time.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  scenario:
    description: The scenario of the incident.
    type: str
    required: true
  lead:
    description: Who watches; the incident's lead when it is not given.
    type: str
  every:
    description: Time from one look to the next, as V(15 min), or in seconds.
    type: str
    default: 15 min
  lasts:
    description: For how long, as V(2 h), or in seconds. There is a look at its beginning and one at its end.
    type: str
    default: 2 h
  again:
    description: Time after which what was seen once is looked at again, to be sure.
    type: str
    default: 1 min
  commit:
    description: Whether P(lastgood.recovery.watch#role) is to commit when all was well until the end, and the verdict was C(RESTORED).
    type: bool
    default: false
  break_lock:
    description: The name of the refusal that another watch's lock has led to, to take it over from a run that is known to be dead.
    type: str
  break_lock_reason:
    description: How that is known.
    type: str
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.incident_watch_turn
  - module: lastgood.recovery.incident_watch_look
"""

EXAMPLES = r"""
- name: Find the incident, and take its watch up
  lastgood.recovery.incident_watch:
    environment_name: production
    scenario: checkout
    every: 15 min
    lasts: 2 h
  register: watch_taken
  run_once: true
"""

RETURN = r"""
looks:
  description: As many turns as the watch can take at most, for a loop. Empty in check mode.
  returned: success
  type: list
  elements: int
targets:
  description: The targets of the incident.
  returned: success
  type: list
  elements: str
kinds:
  description: Which kinds of checks the verdict was based on, beside flows.
  returned: success
  type: list
  elements: str
  sample: [metrics, versions]
screen:
  description: What there is to say at the beginning.
  returned: success
  type: list
  elements: str
summary:
  description: The same in a sentence.
  returned: success
  type: str
  sample: 2026-11-22-checkout is watched, a look every 15 min for 2 h
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch import WATCH
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(WATCH)


if __name__ == "__main__":
    main()
