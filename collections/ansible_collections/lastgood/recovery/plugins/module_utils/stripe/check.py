# SPDX-License-Identifier: GPL-3.0-or-later
"""Do payments work? What Stripe says of itself first, then what its test mode shows."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import BEFORE, Check, checked, failed_if_asked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.side_by_side import at_once
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages import look as status_pages
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe import looks
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe.account import Account

STATUSES = ["processing", "requires_action", "requires_capture", "requires_confirmation"]
WEBHOOK: dict[str, Any] = {
    "url": {"type": "str", "required": True},
    "events": {"type": "list", "elements": "str", "default": []},
}
PAYMENT: dict[str, Any] = {
    "amount": {"type": "int", "default": 100},
    "currency": {"type": "str", "default": "usd"},
    "payment_method": {"type": "str", "default": "pm_card_visa"},
}
STUCK: dict[str, Any] = {
    "older_than": {"type": "int", "default": 900},
    "within": {"type": "int", "default": 86400},
    "statuses": {"type": "list", "elements": "str", "default": ["processing", "requires_action", "requires_capture"], "choices": STATUSES},
    "at_most": {"type": "int", "default": 0},
}
ARGUMENTS: dict[str, Any] = {
    "key": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["STRIPE_TEST_KEY"])},
    "account": {"type": "str"},
    "api_url": {"type": "str", "default": "https://api.stripe.com"},
    "status_url": {"type": "str"},
    "webhooks": {"type": "list", "elements": "dict", "default": [], "options": WEBHOOK},
    "payment": {"type": "dict", "options": PAYMENT},
    "stuck": {"type": "dict", "options": STUCK},
    "timeout": {"type": "float", "default": 40},
    "phase": {"type": "str"},
    "fail": {"type": "bool", "default": False},
}


def check(options: Options, run: Run) -> Result:
    """The checks that are asked for. What Stripe does not answer is UNKNOWN; nothing but a live key stops anybody."""
    if not (options["webhooks"] or options["payment"] or options["stuck"]):
        raise Refused("nothing is asked for", "Give webhooks, payment or stuck.")
    account = Account(options, run)
    status, warnings = _status(options, run)
    checks, stuck = _looks(account, options, run)
    result = found([*status, *checks], "Stripe checks", "are well")
    run.record("checked", kind="stripe", phase=options["phase"], verdict=result["verdict"], checks=result["checks"])
    return {**failed_if_asked(result, options["fail"]), "stuck": stuck, **({"warnings": warnings} if warnings else {})}


def _status(options: Options, run: Run) -> tuple[list[Check], list[str]]:
    """A check when Stripe says how it is. Its page has no documented form: one that cannot be read says nothing about payments."""
    pages = [{"vendor": "stripe", "url": options["status_url"], "kind": "stripe"}] if options["status_url"] else []
    wish = {"vendors": ["stripe"], "pages": pages, "regions": [], "timeout": 4, "contacts": {}}
    (row,) = status_pages.look(wish, run)["checks"]
    if row["verdict"] == "UNKNOWN":
        return [], [f"Stripe's status page says nothing: {row['got']}"]
    return [{**row, "name": "Stripe: status"}], []


def _looks(account: Account, options: Options, run: Run) -> tuple[list[Check], list[dict[str, Any]]]:
    named: dict[str, tuple[list[str], Callable[[], Any]]] = {}
    if options["webhooks"]:
        names = [looks.webhook_name(one) for one in options["webhooks"]]
        named["webhooks"] = (names, lambda: (looks.webhooks(account, options["webhooks"]), []))
    pays = not run.check and options["phase"] != BEFORE
    if options["payment"] and pays:
        named["payment"] = ([looks.PAYMENT], lambda: ([looks.payment(account, options["payment"])], []))
    if options["stuck"]:
        named["stuck"] = ([looks.STUCK], lambda: _stuck(account, options))
    answers = at_once({key: read for key, (_names, read) in named.items()}, time.monotonic() + options["timeout"])
    checks: list[Check] = []
    stuck: list[dict[str, Any]] = []
    for key, (names, _read) in named.items():
        answer = answers[key]
        if isinstance(answer, BaseException):
            why = answer.message if isinstance(answer, RecoveryError) else f"an answer that cannot be read: {type(answer).__name__}"
            checks += [checked(name, "UNKNOWN", expected="an answer of Stripe", got=why) for name in names]
            continue
        checks += answer[0]
        stuck += answer[1]
    if options["payment"] and not pays:
        checks.append(checked(looks.PAYMENT, "SKIPPED"))
    return checks, stuck


def _stuck(account: Account, options: Options) -> tuple[list[Check], list[dict[str, Any]]]:
    one, rows = looks.stuck(account, options["stuck"], time.time())
    return [one], rows


CHECK = Operation(ARGUMENTS, check)
