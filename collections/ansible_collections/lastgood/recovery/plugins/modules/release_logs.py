#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: release_logs
short_description: Keeps the logs and events of one release, whatever its vendor
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Collects what the vendor still has of a release (the log of its build, what it wrote while it ran, what happened to it) into three
    files, so that a post-mortem does not depend on how long the vendor keeps them.
  - What a vendor does not offer over its API, or does not give in time, is said in RV(missing) and is no failure. It fails when not even
    the release can be found.
  - Tokens, and what O(redact) names, are blacked out in every file. Applications write secrets into their logs all the same, so each file
    is readable for its owner only.
  - Vendors keep logs for hours or days, and some give what was written from now on only.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.target
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
attributes:
  diff_mode:
    description: Logs are not shown.
    support: none
options:
  release:
    description:
      - Id of the release. What serves now, when neither this nor O(at) is given.
    type: str
  at:
    description:
      - The release that was serving at this moment. ISO 8601, in UTC unless it says otherwise; or V(HH:MM), the last time the clock showed
        that in UTC.
    type: str
  since:
    description: Take nothing from before this moment. When the release went live, when it is not given.
    type: str
  until:
    description: Take nothing from after this moment. When the release was taken out of service, or now, when it is not given.
    type: str
  dest:
    description: The directory for the files C(<name>.build.log), C(<name>.runtime.log) and C(<name>.events.jsonl).
    type: path
    required: true
  name:
    description: What the files are called. The release's id, when it is not given.
    type: str
  lines:
    description: The most lines of each file, the newest ones. A log that was cut says so in its first line.
    type: int
    default: 2000
  redact:
    description: What else must not be in any file, such as the values of the target's secret variables.
    type: list
    elements: str
    default: []
  timeout:
    description: How many seconds all of it may take. What has not arrived by then is missing.
    type: float
    default: 30
  quiet:
    description: A log that never ends counts as ended when nothing has come for so many seconds.
    type: float
    default: 1
seealso:
  - module: lastgood.recovery.release
  - module: lastgood.recovery.release_info
"""

EXAMPLES = r"""
- name: Keep the logs of the release that was serving when checkout broke
  lastgood.recovery.release_logs:
    provider: "{{ provider }}"
    service: "{{ service }}"
    at: "02:38"
    dest: incidents/2026-11-22-checkout/logs
    name: "{{ inventory_hostname }}"
"""

RETURN = r"""
release:
  description: The release whose logs these are, in the form of M(lastgood.recovery.release).
  returned: success
  type: dict
  sample: {id: dep-k9, artifact: 9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0, good: true}
since:
  description: The moment from which on lines were taken.
  returned: success
  type: str
  sample: "2026-11-22T02:31:00.000Z"
until:
  description: The moment up to which lines were taken.
  returned: success
  type: str
  sample: "2026-11-22T02:44:10.000Z"
files:
  description: By C(build), C(runtime) and C(events), each file that was written with the number of its lines, and whether it was cut.
  returned: success
  type: dict
  sample: {build: {path: incidents/2026-11-22-checkout/logs/api.build.log, lines: 214, cut: false}}
missing:
  description: What could not be had, and why.
  returned: success
  type: dict
  sample: {runtime: Netlify gives the logs of functions over a websocket only}
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Name another one.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: UnknownRelease
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import logs
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(logs.operation(ANY))


if __name__ == "__main__":
    main()
