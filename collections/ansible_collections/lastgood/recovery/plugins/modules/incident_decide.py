#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_decide
short_description: Decides whether a further tier goes back
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - For tiers that go back only if what went back before them did not help. A tier that an earlier run of the incident has begun goes on.
  - In check mode nothing has changed that could be tested, so it answers as far as the plan can tell. A tier whose turn comes only when
    another one did not help is then needed when no other one would change.
  - When something is worse than it was before the rollback, no further tier goes back, and the way forward again is named. Worse is a
    check that passed before and fails now, or a metric that failed already and is clearly further from its limit, by a quarter of the limit
    or of the distance that it had. Only a tier that was begun is brought to its end.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  tier:
    description: The tier.
    type: str
    required: true
  checks:
    description: What P(lastgood.recovery.http_check#module) returned since the last change.
    type: dict
    required: true
  metrics:
    description:
      - What P(lastgood.recovery.metric#module) returned since the last change. V(BAD) takes the tier back; what cannot be read does not.
    type: dict
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Decide whether the backends go back too
  lastgood.recovery.incident_decide:
    incident: "{{ ansible_facts.incident }}"
    tier: backend
    checks: "{{ verify_checks }}"
  register: backends
  run_once: true
"""

RETURN = r"""
needed:
  description: Whether it goes back.
  returned: success
  type: bool
worse:
  description: What is worse than before the rollback, in words.
  returned: success, except in check mode and for a tier that was begun
  type: list
  elements: str
  sample: [log in worked before]
summary:
  description: Why.
  returned: success, except in check mode
  type: str
  sample: "backend stays as it is: checkout works again"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.deciding import DECIDE
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(DECIDE)


if __name__ == "__main__":
    main()
