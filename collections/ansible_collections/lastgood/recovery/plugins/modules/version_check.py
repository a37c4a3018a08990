#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: version_check
short_description: Looks whether every address of what went back shows the release that it went back to
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Of each target that went back in the incident and has O(version_urls), every address is asked which release it shows. C(BAD) is another
    commit, C(UNKNOWN) is no answer, or one without a version that fits.
  - What did not go back is not asked; the verdict of the incident names what failed to.
  - It never changes anything.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  version_urls:
    description: By target, the addresses in production that show what they run.
    type: dict
    required: true
  timeout:
    description: Seconds to wait for all of them to show it.
    type: float
    default: 0
  poll:
    description: Seconds between two looks meanwhile.
    type: float
    default: 2
  phase:
    description: When in the incident this is, for its journal and report.
    type: str
  fail:
    description: Fail unless everything is C(OK). By default what was found is for RV(verdict) to tell.
    type: bool
    default: false
requirements:
  - requests
seealso:
  - module: lastgood.recovery.release
  - module: lastgood.recovery.validation
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Is the release that it went back to served everywhere?
  lastgood.recovery.version_check:
    incident: "{{ ansible_facts.incident }}"
    version_urls:
      storefront: [https://rachelfoods.com/version, https://www.rachelfoods.com/version]
    phase: after frontend
"""

RETURN = r"""
verdict:
  description: The worst verdict of all, C(BAD), C(UNKNOWN) or C(OK); C(UNKNOWN) when nothing was asked.
  type: str
  returned: success
  sample: BAD
checks:
  description: A check for each target, in the form of P(lastgood.recovery.http_check#module).
  type: list
  elements: dict
  returned: success
  sample:
    - name: version of storefront
      verdict: BAD
      step: addresses
      expected: 9f8e7d6 on all 2 addresses
      got: https://www.rachelfoods.com/version serves 1a2b3c4
      body:
      seconds: 0.0
passed:
  description: How many are C(OK).
  type: int
  returned: success
  sample: 1
total:
  description: How many there are.
  type: int
  returned: success
  sample: 2
summary:
  description: All that in one sentence; empty when nothing was asked.
  type: str
  returned: always
  sample: 2 of 2 targets serve their release everywhere
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.version_check import CHECK


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
