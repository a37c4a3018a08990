#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: flag
short_description: Switches a flag on or off, whatever its vendor, and puts back what it was
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Works with the vendor that the inventory names. The vendors' own modules, such as M(lastgood.recovery.launchdarkly_flag), say what is
    particular there.
  - Is done when a read like that of an application's SDK agrees. What the flag was before can be remembered, and put back exactly.
options:
  provider:
    description: The vendor that keeps the flag.
    type: str
    required: true
    choices: [edge_config, flagsmith, launchdarkly, unleash]
  options:
    description:
      - How to reach the flag there, with the options of the vendor's own module.
      - What is left out is taken from the same environment variables as there.
    type: dict
    required: true
    suboptions:
      api_url:
        description: Address of the API.
        type: str
      client_token:
        description: See P(lastgood.recovery.unleash_flag#module) and P(lastgood.recovery.vercel_edge_config_item#module).
        type: str
      client_url:
        description: Where applications get their flags, when that is another address.
        type: str
      comment:
        description: See P(lastgood.recovery.launchdarkly_flag#module).
        type: str
      edge_config:
        description: See P(lastgood.recovery.vercel_edge_config_item#module).
        type: str
      environment:
        description: The environment of the flag; at Flagsmith its client-side key.
        type: str
      key:
        description: The item's key in the Edge Config.
        type: str
      name:
        description: The flag's key; an Edge Config has O(options.key) instead.
        type: str
      project:
        description: See P(lastgood.recovery.launchdarkly_flag#module) and P(lastgood.recovery.unleash_flag#module).
        type: str
      sdk_key:
        description: See P(lastgood.recovery.launchdarkly_flag#module).
        type: str
      team:
        description: See P(lastgood.recovery.vercel_edge_config_item#module).
        type: str
      token:
        description: A token that may switch the flag.
        type: str
  enabled:
    description: Whether the flag is to be on. Of an Edge Config the item is set to true or false.
    type: bool
  value:
    description: The value of the item, where flags have values (V(edge_config)).
    type: raw
  memory:
    description:
      - A file in which it is written down what the flag was before the first change, so that O(put_back) can restore exactly that.
      - One that is there already is kept, so that a run that was cut off can be run again.
    type: path
  put_back:
    description: Give the flag the value that O(memory) holds, and forget that once it is so. Without a memory nothing is changed.
    type: bool
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.flag.waiting
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.launchdarkly_flag
  - module: lastgood.recovery.unleash_flag
  - module: lastgood.recovery.flagsmith_flag
  - module: lastgood.recovery.vercel_edge_config_item
"""

EXAMPLES = r"""
- name: Switch the feature off
  lastgood.recovery.flag:
    provider: "{{ flag.provider }}"
    options: "{{ flag.options }}"
    enabled: false
    memory: "{{ ansible_facts.incident.directory }}/measures/{{ inventory_hostname }}.json"

- name: Put the feature back as it was before
  lastgood.recovery.flag:
    provider: "{{ flag.provider }}"
    options: "{{ flag.options }}"
    memory: "{{ ansible_facts.incident.directory }}/measures/{{ inventory_hostname }}.json"
    put_back: true
"""

RETURN = r"""
before:
  description: Whether the flag was on; of an Edge Config the item's C(state) and C(value).
  returned: success
  type: raw
  sample: true
after:
  description: What it is now, or would be in check mode, in the same form.
  returned: success
  type: raw
  sample: false
seen:
  description: What an application's SDK gets, at the last look; none when nobody looked from there.
  returned: success, and when it was never seen
  type: raw
  sample: false
waited:
  description: Seconds from the first look until an SDK got it.
  returned: success
  type: float
  sample: 1.1
vendor:
  description: Where the flag is, as people write it.
  returned: success
  type: str
  sample: LaunchDarkly
dependents:
  description: Flags that do not work as before when this one changes; none when the vendor does not tell.
  returned: success
  type: list
  elements: str
  sample: [new-checkout-gift-cards]
dashboard:
  description: Where a person sees, changes and approves it.
  returned: always, once the options are valid
  type: str
  sample: https://app.launchdarkly.com/projects/shop/flags/new-checkout/targeting?env=production&selected-env=production
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Applications may still use the old value; run the same command again to wait on, or restart them.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: ApprovalNeeded
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.any_flag import SWITCH
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(SWITCH)


if __name__ == "__main__":
    main()
