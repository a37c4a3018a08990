#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: inventory_check
short_description: Finds mistakes in the inventory, with file and line
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads the inventory's YAML files and says what cannot be right, before anything else is read or changed. That is names that are a slip
    away from one that counts, wrong types, words that are not in the list, things that are said twice, vendors that do not exist, options
    that a vendor's module does not have or needs, targets that C(reach) does not list, and C(depends_on) of nobody or in a circle.
  - Values in a vault and Ansible's expressions are accepted unread where they stand. What targets say of their vendor, of C(reach) and
    of each other is looked at as Ansible works it out.
  - Variables with names of their own are a team's own, and are listed. One whose name is near to one that counts has to be listed in
    C(own_variables).
  - Lists of hosts in another form than YAML, and inventory plugins, are listed in RV(unread).
  - It changes nothing, asks no vendor, and runs on the controller, whatever the target.
options:
  sources:
    description: The inventories, as after C(-i).
    type: list
    elements: path
    required: true
requirements:
  - PyYAML
seealso:
  - module: lastgood.recovery.validation
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Look for mistakes in the inventory
  lastgood.recovery.inventory_check:
    sources: "{{ ansible_inventory_sources }}"
"""

RETURN = r"""
findings:
  description: What is wrong, and where.
  returned: failure
  type: list
  elements: dict
  sample:
    - file: inventories/production/group_vars/all/flows.yml
      line: 14
      says: flow is not known; did you mean flows? If it is your own, list it in own_variables
files:
  description: The files that were read.
  returned: success
  type: list
  elements: str
  sample: [inventories/production/hosts.yml]
unread:
  description: Lists of hosts that are not read, as they are not YAML.
  returned: success
  type: list
  elements: str
  sample: []
own:
  description: Variables that nothing of this project uses.
  returned: success
  type: list
  elements: str
  sample: [shop_url]
summary:
  description: How much was looked at.
  returned: success
  type: str
  sample: "14 files, 4 hosts: no mistake found"
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.check import CHECK
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
