#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_edge_config_item
short_description: Sets or removes an item of a Vercel Edge Config, and waits until applications get it
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Sets one item and is done when a read like that of an application's SDK agrees, which is some seconds after the change was accepted.
  - What was there before is returned as it has to be given to put it back.
  - An item cannot be set to null; the other values of JSON can.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.flag.waiting
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
options:
  key:
    description: The item's key.
    type: str
    required: true
  value:
    description: The item's value, of any type that JSON has. Required when it is to be there.
    type: raw
  state:
    description: Whether the item is to be there.
    type: str
    choices: [present, absent]
    default: present
  edge_config:
    description:
      - Id of the Edge Config (V(ecfg_…)). It has to be within O(reach) of V(vercel).
      - Taken from E(EDGE_CONFIG), the connection string that Vercel gives to applications, when it is not given.
    type: str
    required: true
  client_token:
    description:
      - A read token of this Edge Config, as applications have.
      - Taken from E(EDGE_CONFIG) when it is not given.
    type: str
  client_url:
    description: Where applications read their Edge Configs.
    type: str
    default: https://edge-config.vercel.com
  token:
    description:
      - An access token whose scope includes the team.
      - Taken from E(VERCEL_TOKEN) when it is not given.
    type: str
    required: true
  team:
    description:
      - Id (V(team_…)) or slug of the team that owns the Edge Config; left out for a personal account.
      - Taken from E(VERCEL_TEAM_ID) or E(VERCEL_ORG_ID) when it is not given.
    type: str
  api_url:
    description:
      - Address of the API.
      - Taken from E(VERCEL_API_URL) when it is not given.
    type: str
    default: https://api.vercel.com
seealso:
  - module: lastgood.recovery.unleash_flag
  - module: lastgood.recovery.launchdarkly_flag
  - module: lastgood.recovery.flagsmith_flag
"""

EXAMPLES = r"""
- name: Switch the new checkout off
  lastgood.recovery.vercel_edge_config_item:
    edge_config: ecfg_x2zmpr6tqbzd8s2vhdvfhdo4fkuz
    key: new-checkout
    value: false
  register: checkout

- name: Put back what was there
  lastgood.recovery.vercel_edge_config_item:
    edge_config: ecfg_x2zmpr6tqbzd8s2vhdvfhdo4fkuz
    key: new-checkout
    state: "{{ checkout.before.state }}"
    value: "{{ checkout.before.value }}"
"""

RETURN = r"""
before:
  description: What was there, as O(state) and O(value) put it back.
  returned: success
  type: dict
  sample: {state: present, value: true}
after:
  description: What is there now, or would be in check mode.
  returned: success
  type: dict
  sample: {state: present, value: false}
seen:
  description: What an application's SDK gets, at the last look; none when nobody looked from there.
  returned: success, and when it was never seen
  type: dict
  sample: {state: present, value: false}
waited:
  description: Seconds from the first look until an SDK got it.
  returned: success
  type: float
  sample: 4.2
dashboard:
  description: Where a person sees and changes it.
  returned: always, once the options are valid
  type: str
  sample: https://vercel.com/acme/~/stores/edge-config/ecfg_x2zmpr6tqbzd8s2vhdvfhdo4fkuz/items
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Applications may still use the old value; run the same command again to wait on, or restart them.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: TimedOut
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.flags import vercel_edge_config
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(vercel_edge_config.OPERATION)


if __name__ == "__main__":
    main()
