#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_start
short_description: Takes the environment's lock and starts the rollback
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Refuses when another run holds the lock, and says who, since when and why. A lock whose process has died on this host is taken over.
    Nobody can tell of another host whether a process lives there; such a lock is broken by whoever knows.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  break_lock:
    description:
      - The name of the refusal that a lock has led to, such as V(lock-1a2b3c4d), to take that lock over. That of another holder is another.
      - It is written to the journal.
    type: str
  break_lock_reason:
    description: How it is known that the run which holds the lock is dead. Needed with O(break_lock).
    type: str
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Take the lock
  lastgood.recovery.incident_start:
    incident: "{{ ansible_facts.incident }}"
  run_once: true
"""

RETURN = r"""
summary:
  description: Whether the lock was free or taken over from a dead run.
  returned: success
  type: str
  sample: lock taken
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import START
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(START)


if __name__ == "__main__":
    main()
