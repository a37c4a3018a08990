"""One wish at one vendor, run undisturbed once, and then again and again from the same state with one call disturbed."""

from __future__ import annotations

import io
import json
import os
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stderr
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport

from tests.contract.bench import Bench, now
from tests.faults.faults import EVERY, UNTRUE, WRONG_SHAPE, Fault, Past, Recorded, key
from tests.faults.promises import broken_promises
from tests.vendor_proxy import Answer, Disturb, Exchange, Forward, Proxy, Stranger

PAGE = 4
"""Rows a page, where the provider reads pages, so that a history of a few releases has several."""
PATIENCE: dict[str, Any] = {"READ_PAUSES": (0.0,), "PATIENCE": 0.2, "TIMEOUT": (5, 1), "DEADLINE": 1}
QUICK: dict[str, Any] = {"PAGE": PAGE, "APPEARS": 0.3, "wait": lambda seconds, reason, tell: None}
"""Where providers have these: seconds until what was asked for is listed; waiting for a clock that shows whole seconds."""
SHARE = 1 if os.environ.get("LASTGOOD_EVERY_FAULT") else 3
"""Of the calls, one in so many meets a given fault, each fault beginning at another call; LASTGOOD_EVERY_FAULT=1 tries all of them."""
HURRY = 0.12
"""Seconds after which the module gives up on a call that is not answered."""


@dataclass(frozen=True)
class Wish:
    """What is asked of the module after a bad release went live; `options` gets the moments before and after that."""

    name: str
    options: Callable[[str, str], dict[str, Any]]
    faults: tuple[Fault, ...] = EVERY
    """What is done to each call; the others are done to the calls only that no other wish makes."""
    late: tuple[Fault, ...] = ()
    """What is done from the last change on, where the wish is read back."""

    def __str__(self) -> str:
        return self.name


WISHES = (
    Wish("bad_at", lambda before, after: {"bad_at": after}),
    Wish("bad_at without hold", lambda before, after: {"bad_at": after, "hold": False}, UNTRUE, late=WRONG_SHAPE),
    Wish("good_at", lambda before, after: {"good_at": before}, UNTRUE),
)


@dataclass(frozen=True)
class Outcome:
    """A run of the module: what it printed, what passed by, and what production serves after it."""

    result: dict[str, Any]
    printed: str
    calls: list[Exchange]
    served: str

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))


@dataclass
class Case:
    """A run with a disturbed call, and the same command again, undisturbed."""

    wish: Wish
    fault: Fault
    call: Exchange
    first: Outcome
    second: Outcome
    good: str
    bad: str
    secret: str
    strangers: list[Exchange]

    def __str__(self) -> str:
        return f"{self.wish}, {self.fault} at {self.call}"


@dataclass
class Rehearsal:
    """Everything that a wish needs to be played many times."""

    bench: Bench
    proxy: Proxy
    stranger: Stranger
    wish: Wish
    good: str = ""
    over: bool = False
    """Whether the moments that are asked for lie so far back that a vendor's whole seconds cannot hide it."""
    options: dict[str, Any] = field(default_factory=dict)
    past: Past = field(init=False)

    def prepare(self) -> None:
        """Record what is asked before the bad release goes live, and the run that nothing disturbs."""
        vendor, box = self.bench.vendor, self.bench.box
        box.reset()
        self.secret = str(vendor.options(box)[vendor.secret])
        self.good, before = self.bench.served(), now()
        self.options = self.wish.options(before, now())
        self.run(check=True)
        calm: Recorded = {key(call): call.answer for call in self.proxy.log if call.answer and not call.changes}
        self.bad = str(self.bench.ship("breaks-checkout")["commit"])
        self.options = self.wish.options(before, now())
        box.control("remember", name=str(self))
        self.undisturbed = self.run()
        self.over = True
        assert not self.undisturbed.failed, self.undisturbed.result
        assert self.undisturbed.served == self.good != self.bad
        self.past = Past(self.undisturbed.calls, calm, self.stranger.url, self.secret)

    def play(self, fault: Fault, call: Exchange) -> Case:
        """The same state and the same wish, with this fault at this call, and then once more without it."""
        self.bench.box.control("recall", name=str(self))
        self.stranger.begin()

        def meant(number: int) -> bool:
            return number >= call.number if fault.lasting else number == call.number

        def disturb(exchange: Exchange, forward: Forward) -> Answer:
            _hurry(fault.unanswered and meant(exchange.number + 1))
            if not meant(exchange.number) or not fault.fits(exchange if fault.lasting else call, self.past):
                return forward()
            exchange.disturbed = True
            return fault.make(exchange, forward, self.past)

        first = self.run(disturb, hurried=fault.unanswered and meant(1))
        heard = any(one.changes and one.forwarded for one in first.calls)
        # A run that failed before the vendor heard of a change left everything as it was: what comes next is known.
        second = self.run() if heard or not first.failed else self.undisturbed
        return Case(self.wish, fault, call, first, second, self.good, self.bad, self.secret, self.stranger.log)

    def run(self, disturb: Disturb | None = None, hurried: bool = False, check: bool = False) -> Outcome:
        errors = io.StringIO()
        self.proxy.begin(disturb)
        with ExitStack() as changed, redirect_stderr(errors):
            for name, value in PATIENCE.items():
                changed.enter_context(patch.object(transport, name, value))
            _hurry(hurried)
            for name, value in (QUICK if self.over else {"PAGE": PAGE}).items():
                for module in _providers_with(name):
                    changed.enter_context(patch.object(module, name, value))
            result = self.bench.run(check=check, poll=0.01, timeout=0.4, api_url=self.proxy.url, **self.options)
        return Outcome(result, f"{result}{errors.getvalue()}", self.proxy.log, self._served())

    def _served(self) -> str:
        """The commit that production itself shows."""
        with urllib.request.urlopen(self.bench.version_url, timeout=5) as page:
            return str(json.load(page)["commit"])

    def every(self, fault: Fault, first: Rehearsal) -> Iterator[list[str]]:
        """Play the fault at each call that it fits; the promises that broke there. C(first) has been through all of them."""
        covered = set() if fault in self.wish.faults else {call.outline for call in first.past.calls}
        last = max(call.number for call in self.past.calls if call.changes)
        for call in self.past.calls:
            late = fault in self.wish.late and call.number >= last
            if fault.fits(call, self.past) and (late or call.outline not in covered):
                if (call.number + EVERY.index(fault)) % SHARE:
                    continue
                if fault.lasting:  # from the first of several calls of a kind on
                    covered.add(call.outline)
                yield self.check(fault, call)

    def check(self, fault: Fault, call: Exchange) -> list[str]:
        try:
            return [f"{self.bench.vendor}: {case}: {broken}" for case in [self.play(fault, call)] for broken in broken_promises(case)]
        except Exception as crash:
            return [f"{self.bench.vendor}: {self.wish}, {fault} at {call}: a crash, {type(crash).__name__}: {crash}"]

    def __str__(self) -> str:
        return f"{self.bench.vendor}, {self.wish}"


def _hurry(on: bool) -> None:
    """Make the module give up early on its next call, and only on that: the others may be slow when the machine is busy."""
    transport.TIMEOUT = (5, HURRY) if on else PATIENCE["TIMEOUT"]
    transport.DEADLINE = HURRY if on else PATIENCE["DEADLINE"]


def _providers_with(name: str) -> list[Any]:
    """The providers' modules in which this name is known."""
    return [module for path, module in list(sys.modules.items()) if ".module_utils.providers." in path and hasattr(module, name)]
