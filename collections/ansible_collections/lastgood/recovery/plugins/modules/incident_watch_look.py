#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_watch_look
short_description: Judges a look of the watch after a rollback
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Compares what the checks of this look said with what they said at the verdict, and whether every target still serves the release that it
    went back to and still holds new pushes. Writes the report anew.
  - A red flag is what was well at the verdict and is C(BAD) or C(UNKNOWN) in two looks after each other, a metric that failed then and is
    clearly further from its limit in two, and at once a hold that was undone or another release that serves.
  - The look does not count when a rollback, a commit or an undo came in between.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after M(lastgood.recovery.incident_watch).
    type: dict
    required: true
  number:
    description: Which look, from M(lastgood.recovery.incident_watch_turn).
    type: int
    required: true
  readings:
    description: By target, what M(lastgood.recovery.release_info) has said, a failed one as well.
    type: dict
    required: true
  hold_again:
    description:
      - Whether new pushes are to be held again where somebody let them go live and the target still serves what it went back to. The
        environment's lock is taken for it, and let go of by the next M(lastgood.recovery.incident_watch_turn).
    type: bool
    default: false
extends_documentation_fragment:
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.incident_watch
"""

EXAMPLES = r"""
- name: Judge the look
  lastgood.recovery.incident_watch_look:
    incident: "{{ ansible_facts.incident }}"
    number: "{{ watch_turn.number }}"
    readings:
      storefront: "{{ storefront_reading }}"
  register: watch_look
  run_once: true
"""

RETURN = r"""
counts:
  description: Whether the look counts.
  returned: success
  type: bool
verdict:
  description: The worst of all its checks.
  returned: when it counts
  type: str
  sample: OK
findings:
  description: What is not as it was at the verdict.
  returned: when it counts
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the check; V(tripwire) for holds and releases.
      type: str
    name:
      description: The check.
      type: str
      sample: hold of storefront
    verdict:
      description: V(BAD) or V(UNKNOWN).
      type: str
    why:
      description: What was seen, in words.
      type: str
flags:
  description: Those that are red flags, in the same form; C(new) says that the look before had not raised it.
  returned: success
  type: list
  elements: dict
hold_again:
  description: The targets whose hold is to be put back now.
  returned: success
  type: list
  elements: str
summary:
  description: All that in one sentence.
  returned: success
  type: str
  sample: "look 3: all well"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.watch_look import LOOK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(LOOK)


if __name__ == "__main__":
    main()
