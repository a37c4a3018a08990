# SPDX-License-Identifier: GPL-3.0-or-later
"""Payments are down: is it Stripe, or is it us? Stripe's own word first, then whether its API answers, then a person."""
from __future__ import annotations

import time
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import command
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.side_by_side import at_once
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages import look as status_pages
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.known import KNOWN
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe import looks
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe.account import Account
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe.check import ARGUMENTS as CHECK

UP, DOWN = "up", "down"
SCENARIO = "payments"
FLOWS = {UP: SCENARIO, DOWN: "payments_fallback"}
"""By how Stripe is, the flows that must work afterwards."""
BACK = "Stripe is up, so the backends go back"
FALLBACK = "Stripe itself is down, so nothing goes back and the fallback is switched on until an undo"
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "stripe": {"type": "str", "choices": [UP, DOWN]},
    "key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["STRIPE_TEST_KEY"])},
    **{name: CHECK[name] for name in ("account", "api_url", "status_url", "payment")},
    "fallbacks": {"type": "dict", "default": {}},
    "timeout": {"type": "float", "default": 15},
}


def choose(options: Options, run: Run) -> Result:
    """The way with the flags that it switches on; refused where there are none to take."""
    result = _way(options, run)
    flags = sorted(flag for flag, scenarios in options["fallbacks"].items() if SCENARIO in scenarios)
    if result["falls_back"] and not flags:
        raise errors.Refused(
            f"Stripe is down, because {'; '.join(result['way']['because'])}, and there is no fallback to switch on",
            "Say in the inventory which flag is one, fallback_for: [payments]. To take the backends back all the same: -e stripe=up",
        )
    return {**result, "switches_on": flags if result["falls_back"] else []}


def _way(options: Options, run: Run) -> Result:
    """The way that the incident going on has taken, or the one that fits how Stripe is. Refused where nobody can tell, or said."""
    incident = Store(options["store"]).active(options["environment_name"], SCENARIO)
    kept = ((incident.plan() or {}).get("way") if incident else None) or {}
    said = options["stripe"]
    if incident and kept and said not in (None, kept["stripe"]):
        raise errors.Refused(
            f"incident {incident.fields['id']} is going on, with Stripe {kept['stripe']}",
            f"Put back what it did, {command(incident.fields, 'undo')}, or keep it, {command(incident.fields, 'commit')}; "
            "then the same command.",
        )
    if kept:
        return _told(kept["stripe"], kept["because"])
    if said:
        return _told(said, [f"somebody says that Stripe is {said}"])
    page, page_says = _page(options, run)
    if page == "BAD":
        return _told(DOWN, [page_says])
    api, api_says = _api(options, run)
    if api != "OK" and (page, api) != ("OK", "SKIPPED"):
        raise errors.Refused(
            f"whether it is Stripe or us is not known: {page_says}; {api_says}",
            f"Look at {KNOWN['stripe'].page}, then say so: -e stripe=down switches the fallback on, -e stripe=up takes the backends back.",
        )
    return _told(UP, [page_says, api_says])


def _told(stripe: str, because: list[str]) -> Result:
    up = stripe == UP
    words = BACK if up else FALLBACK
    way = {"name": "roll_back" if up else "fall_back", "stripe": stripe, "says": words, "because": because}
    return {"way": way, "rolls_back": up, "falls_back": not up, "flows": FLOWS[stripe], "summary": words}


def _page(options: Options, run: Run) -> tuple[str, str]:
    """What the status page says of Stripe; UNKNOWN when it does not answer or cannot be read."""
    pages = [{"vendor": "stripe", "url": options["status_url"], "kind": "stripe"}] if options["status_url"] else []
    (row,) = status_pages.look({"vendors": ["stripe"], "pages": pages, "regions": [], "timeout": 4, "contacts": {}}, _silent(run))["checks"]
    says = {"OK": "is operational", "BAD": f"tells of trouble, {row['got']}", "UNKNOWN": f"says nothing: {row['got']}"}[row["verdict"]]
    return row["verdict"], f"its status page {says}"


def _api(options: Options, run: Run) -> tuple[str, str]:
    """Whether the API answers: a test payment, in check mode a read. SKIPPED without a key."""
    if not options["key"]:
        return "SKIPPED", "its API was not asked, without STRIPE_TEST_KEY"
    account = Account(options, _silent(run))

    def asked() -> tuple[str, str]:
        if run.check or options["payment"] is None:
            next(account.pages("/v1/payment_intents", 1), None)
            return "OK", "its API answers" + ("" if options["payment"] is None else ", and the run makes a test payment first")
        paid = looks.payment(account, options["payment"])
        return ("UNKNOWN" if paid["verdict"] == "UNKNOWN" else "OK"), f"its API answers a test payment with {paid['got']}"

    answer = at_once({"api": asked}, time.monotonic() + options["timeout"])["api"]
    if isinstance(answer, BaseException):
        why = answer.message if isinstance(answer, errors.RecoveryError) else f"an answer that cannot be read: {type(answer).__name__}"
        return "UNKNOWN", f"its API: {why}"
    verdict, says = answer
    return str(verdict), str(says)


def _silent(run: Run) -> Run:
    """Nothing is written down before there is an incident."""
    return Run(check=run.check, tell=run.tell)


CHOOSE = Operation(ARGUMENTS, choose)
