#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: recovery_point
short_description: Keeps what was read of the whole stack as one recovery point
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Writes what was captured into C(points/<id>/) of the incident store, and C(manifest.json) last, with the SHA-256 of every file.
    Without a manifest it is no recovery point, and no rollback goes back to it.
  - It is one moment or it is none. When a target served another release in O(releases) than in O(first), or is being deployed, nothing is
    kept.
  - What a vendor cannot tell is in RV(missing), and the point is complete without it. What could have been read and was not makes it
    incomplete, and RV(exit_code) 12. A target whose release cannot be read at all is refused.
options:
  environment_name:
    description: The environment.
    type: str
    required: true
  point:
    description: RV(lastgood.recovery.recovery_point_begin#module:point).
    type: dict
    required: true
  tiers:
    description: By target, its tier. These are the targets of the point.
    type: dict
    required: true
  first:
    description: By target, the result of M(lastgood.recovery.release_info) before anything else was read.
    type: dict
    required: true
  releases:
    description: The same after everything was read.
    type: dict
    default: {}
  variables:
    description:
      - By target, the result of M(lastgood.recovery.variables_info) with C(save_to) C(variables/TARGET.json) in the point's directory.
    type: dict
    default: {}
  configuration:
    description:
      - By target, the result of M(lastgood.recovery.cloudfront_config_info) with C(save_to) C(cloudfront/TARGET.json) in the point's
        directory.
    type: dict
    default: {}
  migrations:
    description: By target, the result of M(lastgood.recovery.prisma_migration_info).
    type: dict
    default: {}
  database:
    description: By target, the result of M(lastgood.recovery.postgres_backup).
    type: dict
    default: {}
  flags:
    description: By target, the result of M(lastgood.recovery.flag) in check mode. Its RV(lastgood.recovery.flag#module:before) is kept.
    type: dict
    default: {}
  objects:
    description: By target, its C(bucket), C(prefix) and C(region). The point keeps the time.
    type: dict
    default: {}
  managed:
    description: By target, a database that its vendor keeps the history of, with C(provider). The point keeps the time.
    type: dict
    default: {}
  retention:
    description: By target, how long the vendor keeps that history.
    type: dict
    default: {}
  label:
    description: What the point is told apart by, such as the commit that is deployed next.
    type: str
    default: ""
  final:
    description: Whether what is not one moment is refused; otherwise RV(again) says so, and all of it can be read once more.
    type: bool
    default: true
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.recovery_point_begin
  - module: lastgood.recovery.recovery_point_info
"""

EXAMPLES = r"""
- name: Keep it as a recovery point
  lastgood.recovery.recovery_point:
    environment_name: production
    point: "{{ capture.point }}"
    tiers: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'tier'))) }}"
    first: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'capture_first'))) }}"
    releases: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, 'capture_releases'))) }}"
  run_once: true
"""

RETURN = r"""
point:
  description: Its id; none in check mode.
  returned: when it was one moment
  type: str
  sample: 20261122T143005Z-3fa2
complete:
  description: Whether it has all that could be read.
  returned: when it was one moment
  type: bool
missing:
  description: What it lacks, C(why), and whether the vendor C(cannot) tell it.
  returned: when it was one moment
  type: list
  elements: dict
  sample:
    - target: headers
      what: variables
      why: lambda_edge has no variables that could be changed
      cannot: true
unchanged_since:
  description: The oldest recovery point since which nothing but rows and objects can have changed; none when something has.
  returned: when it was one moment
  type: str
again:
  description: Whether it was not one moment, so that all of it has to be read once more.
  returned: success
  type: bool
moved:
  description: By target, what was not one moment.
  returned: when it was not one moment
  type: dict
  sample: {storefront: served 1da74ce first and 0c653c9 then}
exit_code:
  description: 0, or 12 when the point is not complete. C(ansible-playbook) exits with it.
  returned: when it was one moment
  type: int
summary:
  description: What was captured, in one sentence.
  returned: success
  type: str
  sample: recovery point 20261122T143005Z-3fa2 of 6 targets captured
screen:
  description: What a person reads.
  returned: when it was one moment
  type: list
  elements: str
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Wait until nothing is being deployed, then run the same command again.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.points.capture import CAPTURE


def main() -> None:
    run_as_module(CAPTURE)


if __name__ == "__main__":
    main()
