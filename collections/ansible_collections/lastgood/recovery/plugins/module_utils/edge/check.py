# SPDX-License-Identifier: GPL-3.0-or-later
"""Every address of an edge, until each shows what it should several times in a row or the time is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils import moment, waiting
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked, failed_if_asked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.edge.addresses import addresses_of
from ansible_collections.lastgood.recovery.plugins.module_utils.edge.probe import Probe
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.http_check import EXPECT
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke import expectation
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction

QUESTION: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "headers": {"type": "dict", "default": {}},
    "timeout": {"type": "float", "default": 5},
    "expect": {"type": "dict", "options": EXPECT, "apply_defaults": True},
}
ARGUMENTS: dict[str, Any] = {
    "probes": {"type": "list", "elements": "dict", "required": True, "options": QUESTION},
    "addresses": {"type": "list", "elements": "str", "default": []},
    "in_a_row": {"type": "int", "default": 3},
    "pops": {"type": "int", "default": 1},
    "pop_header": {"type": "str", "default": "x-amz-cf-pop"},
    "invalidated_at": {"type": "str"},
    "timeout": {"type": "float", "default": 60},
    "poll": {"type": "float", "default": 1},
    "phase": {"type": "str"},
    "fail": {"type": "bool", "default": False},
}
AT_ONCE = 32
"""Addresses that are asked at the same time."""


def check(options: Options, run: Run) -> Result:
    """A check for each of C(probes), over all addresses; what each address said is in C(addresses)."""
    questions = options["probes"]
    for question in questions:
        _validate(question)
    if len({question["name"] for question in questions}) < len(questions):
        raise Refused("two probes have the same name", "Give every probe a name of its own.")
    redaction = Redaction()
    redaction.learn_named(questions)
    since = moment.parse(options["invalidated_at"]) if options["invalidated_at"] else None
    probes = [
        Probe(question, address, options["pop_header"], since, redaction)
        for question in questions
        for address in addresses_of(question["url"], options["addresses"])
    ]
    _until_shown(probes, max(1, options["in_a_row"]), options["timeout"], options["poll"], run.tell)
    at = {name: list(some) for name, some in groupby(probes, key=lambda probe: probe.question["name"])}
    checks = [_judged(question["name"], at.get(question["name"], []), options["pops"]) for question in questions]
    result = found(checks, "probes", "show it at every address")
    addresses = [probe.as_dict() for probe in probes]
    run.record("checked", kind="edge", phase=options["phase"], verdict=result["verdict"], checks=checks, addresses=addresses)
    return {
        **failed_if_asked(result, options["fail"]),
        "addresses": addresses,
        "pops": sorted({probe.seen["point_of_presence"] for probe in probes if probe.seen.get("point_of_presence")}),
        "invocation": {"module_args": redaction.hidden(options)},
    }


def _until_shown(probes: Sequence[Probe], in_a_row: int, timeout: float, poll: float, tell: Callable[[str], None]) -> None:
    """Ask them all at the same time, those that do not show it yet again; after C(timeout) seconds what is wrong stays wrong."""
    began = told = time.monotonic()
    pending, text = list(probes), ""
    with ThreadPoolExecutor(max_workers=max(1, min(AT_ONCE, len(probes)))) as pool:
        while pending:
            list(pool.map(Probe.look, pending))
            now = time.monotonic()
            over = now - began >= timeout
            pending = [probe for probe in pending if probe.in_a_row < in_a_row and not (over and probe.wrong)]
            wrong = sum(bool(probe.wrong) for probe in pending)
            before, text = text, f"{wrong} of {len(probes)} do not show it yet" if wrong else "all show it, looking again"
            if pending and (text != before or now - told >= waiting.HEARTBEAT):
                tell(f"asking the edge: {text} … {moment.span(now - began)}")
                told = now
            if pending:
                time.sleep(poll)


def _judged(name: str, probes: Sequence[Probe], pops: int) -> Check:
    """The worst of all addresses; UNKNOWN, too, when fewer points of presence have answered than should."""
    seconds = round(max((probe.seconds for probe in probes), default=0.0), 3)
    for verdict in ("BAD", "UNKNOWN"):
        worst = [probe for probe in probes if probe.verdict == verdict]
        if worst:
            wrong = worst[0].wrong
            others = f" and {len(worst) - 1} more" if len(worst) > 1 else ""
            return checked(
                name,
                verdict,
                step=f"GET {urlsplit(worst[0].question['url']).path or '/'}",
                expected=wrong.expected if wrong else "an answer",
                got=f"{wrong.got if wrong else 'nothing'} at {worst[0].where}{others} of {len(probes)}",
                seconds=seconds,
            )
    if not probes:
        return checked(name, "UNKNOWN", expected="an address", got="a name that cannot be resolved here, or no way to what it leads to")
    answered = {probe.seen.get("point_of_presence") or str(probe.address) for probe in probes}
    if len(answered) < pops:
        return checked(name, "UNKNOWN", expected=f"{pops} points of presence", got=f"only {', '.join(sorted(answered))}", seconds=seconds)
    return checked(name, "OK", seconds=seconds)


def _validate(question: dict[str, Any]) -> None:
    try:
        parts = urlsplit(question["url"])
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise Refused(f"probe {question['name']}: {question['url']} is not an address", "Write https://….")
    if parts.username or parts.password:
        raise Refused(f"probe {question['name']}: an address must not hold a password", "Send it in an Authorization header.")
    try:
        expectation.validate(question["expect"])
    except Refused as wrong:
        raise Refused(f"probe {question['name']}: {wrong.message}", wrong.hint) from None


CHECK = Operation(ARGUMENTS, check)
