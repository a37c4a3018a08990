#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: stripe_check
short_description: Looks whether payments work at Stripe, in its test mode
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads what Stripe says of itself, then looks whether webhook endpoints are enabled, makes a test payment, and lists payments that are
    stuck, as far as each is asked for.
  - Takes a key of test mode only. A key of live mode is refused before anything is asked, because a test payment with it would move money.
    What belongs to live mode, its webhook endpoints and payments among it, cannot be seen with such a key.
  - What Stripe does not answer is C(UNKNOWN), with why.
  - The test payment is made with a test card and refunded. It has an idempotency key, so that a lost answer does not make two of it.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.attributes
attributes:
  check_mode:
    description: Makes no test payment, and looks at everything else.
    support: full
  diff_mode:
    description: Nothing of yours is changed.
    support: none
options:
  key:
    description:
      - A secret or restricted key of test mode, C(sk_test_…) or C(rk_test_…). A restricted one needs to read webhook endpoints and payment
        intents, and to write payment intents and refunds for O(payment).
      - Taken from E(STRIPE_TEST_KEY) when it is not given.
    type: str
    required: true
  account:
    description: A connected account to look at, C(acct_…).
    type: str
  api_url:
    description: Address of the API.
    type: str
    default: https://api.stripe.com
  status_url:
    description: Address of the JSON behind Stripe's status page; the known one when it is not given.
    type: str
  webhooks:
    description: Webhook endpoints that have to be enabled.
    type: list
    elements: dict
    default: []
    suboptions:
      url:
        description: Its address, exactly as Stripe has it.
        type: str
        required: true
      events:
        description: Kinds of events that have to be sent there, such as V(payment_intent.succeeded).
        type: list
        elements: str
        default: []
  payment:
    description: Make a test payment; an empty dictionary takes the defaults.
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
  stuck:
    description: Look for payments that wait for too long; an empty dictionary takes the defaults.
    type: dict
    suboptions:
      older_than:
        description: How many seconds a payment may wait.
        type: int
        default: 900
      within:
        description: How many seconds back it looks.
        type: int
        default: 86400
      statuses:
        description: What a payment may not wait in. V(requires_action) are also customers who left while their bank asked them.
        type: list
        elements: str
        choices: [processing, requires_action, requires_capture, requires_confirmation]
        default: [processing, requires_action, requires_capture]
      at_most:
        description: How many such payments there may be.
        type: int
        default: 0
  timeout:
    description: How many seconds all of it may take.
    type: float
    default: 40
  phase:
    description: When in the incident this is, such as V(after backend), for its journal and report. With V(before) nothing is paid.
    type: str
  fail:
    description: Fail unless every check is C(OK). By default what was found is for RV(verdict) to tell.
    type: bool
    default: false
seealso:
  - module: lastgood.recovery.http_check
  - module: lastgood.recovery.vendor_status
"""

EXAMPLES = r"""
- name: Do payments work?
  lastgood.recovery.stripe_check:
    key: "{{ stripe_test_key }}"
    webhooks:
      - url: https://shop.example.com/api/stripe/webhook
        events: [payment_intent.succeeded, payment_intent.payment_failed]
    payment: {currency: eur}
    stuck: {older_than: 1800, statuses: [processing, requires_capture]}
    phase: after backend
"""

RETURN = r"""
verdict:
  description: The worst verdict of any check, C(BAD), C(UNKNOWN) or C(OK).
  type: str
  returned: success
  sample: OK
checks:
  description: What was looked at, in the form of M(lastgood.recovery.http_check).
  type: list
  elements: dict
  returned: success
  sample:
    - name: "Stripe: test payment"
      verdict: OK
      step: payment
      expected: succeeded
      got: pi_3Q8a succeeded, refunded
      body: null
      seconds: 0.91
stuck:
  description: The payments that wait for too long.
  type: list
  elements: dict
  returned: success
  sample: [{id: pi_3Q8b, status: requires_capture, amount: 1900, currency: usd, created: 1795310521}]
passed:
  description: How many checks are C(OK).
  type: int
  returned: success
  sample: 4
total:
  description: How many checks there were.
  type: int
  returned: success
  sample: 4
summary:
  description: All of it in one sentence.
  type: str
  returned: success
  sample: 4 of 4 Stripe checks are well
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Give webhooks, payment or stuck.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe.check import CHECK


def main() -> None:
    run_as_module(CHECK)


if __name__ == "__main__":
    main()
