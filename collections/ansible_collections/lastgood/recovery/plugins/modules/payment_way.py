#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: payment_way
short_description: Decides between a rollback and a fallback when payments are down
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - When Stripe itself is down, no rollback brings payments back, and the shop has to do without. When it is up, it is a release of ours.
  - Trouble on Stripe's status page decides. Otherwise its API has to answer, which a test payment shows. Where the page tells of no trouble
    and the API does not answer, or neither says anything, it is refused, and somebody has to say it with O(stripe).
  - A status page that cannot be read does not matter while a test payment is answered.
  - Of an incident that is going on it is the way that was taken before.
  - It changes nothing of yours. It takes a key of test mode only, and gives a test payment back.
options:
  environment_name:
    description: The environment, from the inventory.
    type: str
    required: true
  stripe:
    description: How Stripe is, by somebody who knows; nothing is asked then.
    type: str
    choices: [up, down]
  key:
    description:
      - A key of test mode. Without one the status page alone decides.
      - Taken from E(STRIPE_TEST_KEY) when it is not given.
    type: str
  account:
    description: A connected account, C(acct_…).
    type: str
  api_url:
    description: Address of the API.
    type: str
    default: https://api.stripe.com
  status_url:
    description: Address of the JSON behind Stripe's status page; the known one when it is not given.
    type: str
  payment:
    description: Make a test payment; an empty dictionary takes the defaults. Without it, and in check mode, payments are listed instead.
    type: dict
    suboptions:
      amount:
        description: In the smallest unit of the currency.
        type: int
        default: 100
      currency:
        description: The currency.
        type: str
        default: usd
      payment_method:
        description: One of Stripe's test cards.
        type: str
        default: pm_card_visa
  fallbacks:
    description:
      - By flag of the inventory, the scenarios that it is a fallback for, C(fallback_for).
      - When Stripe is down and none is one for V(payments), it is refused.
    type: dict
    default: {}
  timeout:
    description: How many seconds the API may take.
    type: float
    default: 15
requirements:
  - requests
  - PyYAML
seealso:
  - module: lastgood.recovery.stripe_check
  - module: lastgood.recovery.vendor_status
extends_documentation_fragment:
  - lastgood.recovery.incident_store
  - lastgood.recovery.attributes
attributes:
  check_mode:
    description: Makes no test payment.
    support: full
"""

EXAMPLES = r"""
- name: Is it Stripe, or is it us?
  lastgood.recovery.payment_way:
    environment_name: "{{ environment_name }}"
    key: "{{ stripe_test_key }}"
    payment: {}
  register: payments
  run_once: true
"""

RETURN = r"""
rolls_back:
  description: Whether the backends go back.
  returned: success
  type: bool
falls_back:
  description: Whether the fallback is switched on instead.
  returned: success
  type: bool
switches_on:
  description: The flags of the fallback that are switched on; empty when the backends go back.
  returned: success
  type: list
  elements: str
  sample: [cash-on-delivery]
flows:
  description: The key of the flows that must work afterwards, C(payments) or C(payments_fallback).
  returned: success
  type: str
  sample: payments
way:
  description: The same for P(lastgood.recovery.incident_plan#module), C(name), C(stripe), C(says) and C(because).
  returned: success
  type: dict
  sample:
    name: fall_back
    stripe: down
    says: Stripe itself is down, so nothing goes back and the fallback is switched on until an undo
    because: ["its status page tells of trouble, outage: Elevated errors"]
summary:
  description: The way in one sentence.
  returned: success
  type: str
  sample: Stripe is up, so the backends go back
hint:
  description: What to do next.
  returned: failure
  type: str
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe.way import CHOOSE


def main() -> None:
    run_as_module(CHOOSE)


if __name__ == "__main__":
    main()
