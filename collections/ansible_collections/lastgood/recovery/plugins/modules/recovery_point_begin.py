#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: recovery_point_begin
short_description: Begins the capture of a recovery point
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Names the recovery point, makes its directory in the incident store, and says whether databases are backed up now.
  - Only on the controller. Refused while a rollback is going on, and without a vault secret to encrypt what is captured with.
  - What captures that were cut off have left on this machine is removed after a day.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  releases:
    description: By target, the result of M(lastgood.recovery.release_info).
    type: dict
    required: true
  migrations:
    description: By target, the result of M(lastgood.recovery.prisma_migration_info).
    type: dict
    default: {}
  database:
    description:
      - When databases are backed up. V(when_changed) does when a target serves another artifact, or a database has other migrations, than
        in the last point that has a backup; what rows have been written since does not count.
    type: str
    choices: [always, when_changed, never]
    default: always
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.recovery_point
"""

EXAMPLES = r"""
- name: Begin a recovery point
  lastgood.recovery.recovery_point_begin:
    environment_name: production
    releases: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'capture_first'))) }}"
    database: when_changed
  register: capture
  run_once: true
"""

RETURN = r"""
point:
  description: For M(lastgood.recovery.recovery_point), with the C(directory) to capture into, and whether to C(backup) databases.
  returned: success
  type: dict
  sample:
    id: 20261122T143005Z-3fa2
    directory: /srv/incidents/points/20261122T143005Z-3fa2
    began_at: "2026-11-22T14:30:05.120Z"
    backup: true
    backup_why: ""
previous:
  description: The newest recovery point before it; none when it is the first.
  returned: success
  type: str
  sample: 20261121T143005Z-11c0
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Capture again when it is over; playbooks/status.yml says how far it is.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.points.beginning import BEGIN


def main() -> None:
    run_as_module(BEGIN)


if __name__ == "__main__":
    main()
