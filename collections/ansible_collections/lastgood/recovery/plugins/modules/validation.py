#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: validation
short_description: Judges whether everything works, from outside
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Puts together what the checks of all scenarios have said, and asks every address in production whether it shows what the vendor says is
    serving. Changes nothing.
  - An address that shows another commit is C(BAD); one that does not answer, or shows no version that fits, is C(UNKNOWN). Where nothing
    was checked the verdict is C(UNKNOWN), too.
options:
  checks:
    description: By scenario, the results of checks such as M(lastgood.recovery.http_check), as a list.
    type: dict
    default: {}
  readings:
    description: By target, the result of M(lastgood.recovery.release_info), a failed one as well; a skipped one is left out.
    type: dict
    default: {}
  version_urls:
    description: By target, the addresses in production that show the version they run.
    type: dict
    default: {}
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.http_check
  - module: lastgood.recovery.release_info
"""

EXAMPLES = r"""
- name: Judge whether everything works
  lastgood.recovery.validation:
    checks:
      checkout: ["{{ checkout_checks }}"]
    readings:
      storefront: "{{ storefront_reading }}"
    version_urls:
      storefront: [https://rachelfoods.com/version]
"""

RETURN = r"""
verdict:
  description: The worst of all, C(BAD), C(UNKNOWN) or C(OK).
  returned: success
  type: str
  sample: OK
exit_code:
  description: 0 for C(OK), 11 for C(BAD), 12 for C(UNKNOWN); C(ansible-playbook) exits with it.
  returned: success
  type: int
checks:
  description: Every check, as in M(lastgood.recovery.http_check).
  returned: success
  type: list
  elements: dict
passed:
  description: How many passed.
  returned: success
  type: int
total:
  description: How many there were.
  returned: success
  type: int
summary:
  description: All that in one sentence.
  returned: success
  type: str
  sample: "11 of 12 checks pass; storefront: https://www.rachelfoods.com/version: expected 1da74ce, got serves 0c653c9"
screen:
  description: A line for each check that did not pass, and the verdict.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.validation import VALIDATE


def main() -> None:
    run_as_module(VALIDATE)


if __name__ == "__main__":
    main()
