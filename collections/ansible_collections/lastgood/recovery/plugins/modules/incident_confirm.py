#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_confirm
short_description: Asks the person who runs it to confirm the plan
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - The words to type say what will happen and where, such as C(ROLLBACK PRODUCTION checkout).
  - Nothing is asked in check mode, when nothing would change, with severity V(P0), or when the incident was confirmed in an earlier run.
  - Fails where nobody can answer, and when the answer differs.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  confirmed:
    description: The words, for runs that nobody watches.
    type: str
    default: ""
  seconds:
    description: How long to wait for the answer.
    type: int
    default: 60
  fresh:
    description: A plan that is older than so many seconds by then is to be compared with the world again, RV(look_again).
    type: float
    default: 10
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Ask for confirmation
  lastgood.recovery.incident_confirm:
    incident: "{{ ansible_facts.incident }}"
    confirmed: ROLLBACK PRODUCTION checkout
  run_once: true
"""

RETURN = r"""
summary:
  description: Who confirmed it, and how.
  returned: success
  type: str
  sample: confirmed by maria (typed)
look_again:
  description: Whether the plan is older than O(fresh), so that M(lastgood.recovery.incident_still_so) should look whether it still holds.
  returned: success
  type: bool
  sample: false
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import confirmation
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(confirmation.operation(lambda question, seconds: None))


if __name__ == "__main__":
    main()
