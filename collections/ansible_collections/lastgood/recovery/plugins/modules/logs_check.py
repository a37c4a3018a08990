#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: logs_check
short_description: Looks whether what serves now is quiet in its logs
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Counts the lines that look like errors in what the serving release of a target has written for a while, as far as its vendor gives that.
  - C(OK) when there are enough lines and at most O(at_most) of them look like errors, C(BAD) when there are more, C(UNKNOWN) when the
    vendor gives no logs, or too few or too many lines to tell, or something is asked for wrongly.
  - No line is shown, for lines hold secrets; what is said is how many of them match which pattern.
  - Nothing is changed. In check mode it does not wait for the window to pass.
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
  target:
    description: What the target is called; the check is called after it.
    type: str
    required: true
  since:
    description: Take nothing from before this moment, or from before the release went live.
    type: str
  window:
    description: How many seconds back it looks. When the release has not been live that long, it waits until it has.
    type: float
    default: 60
  patterns:
    description: Regular expressions of lines that look like errors.
    type: list
    elements: str
    default:
      - '\b(ERROR|FATAL|CRITICAL|PANIC|EMERG)\b'
      - '^\S+ (error|fatal|critical|panic|emerg)\b'
      - '\b(level|severity)\W{1,4}(error|fatal|critical|panic)\b'
      - '\b[A-Z]\w*(Error|Exception)\b'
      - '\bTraceback \(most recent call last\)'
      - '\b([Uu]nhandled|[Uu]ncaught)\b'
      - '\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+( HTTP/[0-9.]+\"?)? 5\d\d\b'
      - '\bstatus=5\d\d\b'
  ignore:
    description: Regular expressions of lines that look like errors and are none.
    type: list
    elements: str
    default: []
  at_most:
    description: How many such lines there may be.
    type: int
    default: 0
  min_lines:
    description: With fewer lines than that, of whatever kind, nobody can tell.
    type: int
    default: 1
  lines:
    description: The most lines that are read, the newest ones. When there were more, and no errors among these, nobody can tell.
    type: int
    default: 2000
  timeout:
    description: How many seconds the vendor may take for each answer.
    type: float
    default: 15
  quiet:
    description: A log that never ends counts as ended when nothing has come for so many seconds.
    type: float
    default: 1
  phase:
    description: When in the incident this is, such as V(after frontend), for its journal and report.
    type: str
  fail:
    description: Fail unless the logs are quiet. By default what was found is for RV(verdict) to tell.
    type: bool
    default: false
seealso:
  - module: lastgood.recovery.release_logs
  - module: lastgood.recovery.http_check
"""

EXAMPLES = r"""
- name: Are the logs quiet?
  lastgood.recovery.logs_check:
    provider: "{{ provider }}"
    service: "{{ service }}"
    target: "{{ inventory_hostname }}"
    window: 120
    ignore: ["ERROR .*deprecated"]
    phase: after backend
"""

RETURN = r"""
verdict:
  description: C(OK), C(BAD) or C(UNKNOWN).
  type: str
  returned: success
  sample: OK
checks:
  description: The one check, in the form of M(lastgood.recovery.http_check).
  type: list
  elements: dict
  returned: success
  sample:
    - name: "api: logs"
      verdict: BAD
      step: logs
      expected: at most 0 lines that look like errors
      got: '3 of 214 lines since 2026-11-22T02:41:05.000Z: 3 of \b[A-Z]\w*(Error|Exception)\b'
      body: null
      seconds: 0.0
passed:
  description: 1 when the logs are quiet, else 0.
  type: int
  returned: success
  sample: 1
total:
  description: Always 1.
  type: int
  returned: success
  sample: 1
summary:
  description: All of it in one sentence.
  type: str
  returned: success
  sample: 1 of 1 logs are quiet
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.logs_check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
