#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: variables_info
short_description: Tells which variables a target is configured with, and captures them
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Names the variables that the next release of a target gets, each with a fingerprint in place of its value. Two runs with the same token
    show the same fingerprint for the same value.
  - With O(save_to) the values are written to a file encrypted with ansible-vault, for M(lastgood.recovery.variables) to put back. They
    are in no result and no log.
requirements:
  - requests
options:
  save_to:
    description:
      - The file to write; one that is there is replaced. It is encrypted with the first vault secret of the run, and refused without one.
      - Only on the controller.
    type: path
extends_documentation_fragment:
  - lastgood.recovery.target
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.variables
"""

EXAMPLES = r"""
- name: Capture the configuration before the deployment
  lastgood.recovery.variables_info:
    provider: "{{ provider }}"
    service: "{{ service }}"
    save_to: recovery-points/2026-11-22T02-30/{{ inventory_hostname }}.json
"""

RETURN = r"""
variables:
  description: By name, a keyed fingerprint of the value.
  returned: success
  type: dict
  sample: {CURRENCY: 8e1f40d2, LOG_LEVEL: 51f0c2aa}
unreadable:
  description: Names of the variables whose values the vendor does not show. They cannot be captured.
  returned: success
  type: list
  elements: str
  sample: [PAYMENT_KEY]
vendor:
  description: The vendor's name.
  returned: success
  type: str
  sample: Vercel
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import capturing
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(capturing.operation(ANY))


if __name__ == "__main__":
    main()
