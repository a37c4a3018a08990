# SPDX-License-Identifier: GPL-3.0-or-later
"""What every service module does: look, remember, ask for each difference in the order that is safe, wait until it is so."""
from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils.condition import Condition, alike, change_in_words, remember, remembered
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ActivationFailed, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.memory import forget
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock, until_answered, wait

ARGUMENTS: dict[str, Any] = {
    "state": {"type": "str", "choices": ["running", "stopped", "restarted"]},
    "instances": {"type": "dict"},
    "at_least": {"type": "bool", "default": False},
    "settle": {"type": "float", "default": 0},
    "maintenance": {"type": "bool"},
    "memory": {"type": "path"},
    "put_back": {"type": "bool"},
    "timeout": {"type": "float", "default": 600},
    "poll": {"type": "float", "default": 2},
}
WISHES = ("state", "instances", "maintenance", "put_back")


class Service(Protocol):
    """The running of one target at one vendor. What a vendor cannot do raises Refused, before anything is asked for."""

    name: str
    """The vendor's name, as people write it."""

    def condition(self) -> Condition:
        """How it is run now, read afresh."""

    def steady(self) -> bool:
        """Whether nothing is on its way up or down any more."""

    def crashed(self) -> str:
        """What should be up and has crashed, in words; empty when nothing has, or the vendor does not let it happen."""
        return ""

    def can(self, now: Condition, wanted: Condition) -> None:
        """Raise Refused when this vendor cannot get from the one to the other."""

    def start(self, wanted: Condition) -> None:
        """Let it run again, with the instances that are wanted where the vendor has forgotten them."""

    def stop(self) -> None:
        """Take it down, keeping what it needs to come back."""

    def restart(self) -> None:
        """Replace all running instances with fresh ones of the same release; Refused where there is nothing to restart."""

    def scale(self, instances: dict[str, int]) -> None:
        """Run so many of each."""

    def autoscale(self, settings: dict[str, Any]) -> None:
        """Let the vendor scale with these settings; empty switches it off."""

    def maintain(self, on: bool) -> None:
        """Show visitors the maintenance page, or let them in again."""

    def keep_away(self, held: bool) -> None:
        """Keep new pushes away, or let them go live."""


def operation(vendor: Reached) -> Operation:
    """A service module for that vendor."""
    return Operation(
        arguments={**vendor.arguments_of("service"), **ARGUMENTS},
        perform=lambda options, run: bring(vendor.connect("service", options, run), options, run),
        rules={"required_one_of": [WISHES], "required_if": [("put_back", True, ("memory",))]},
    )


def bring(service: Service, options: Options, run: Run) -> Result:
    """The service into the condition that is wanted; what there was is remembered before the first change."""
    started = time.monotonic()
    now = service.condition()
    wanted = _wanted(now, options)
    if wanted is None:
        return _result(service.name, now, now, False, 0.0, f"nothing is remembered in {options['memory']}")
    service.can(now, wanted)
    restart = options["state"] == "restarted"
    if restart and not now.running:
        raise Refused(f"{service.name} has stopped it, so there is nothing to restart", "Use state: running.")
    changed = wanted != now or restart
    up = wanted.running and bool(options["state"] or options["instances"] is not None or options["put_back"])
    if (changed or up) and not run.check:  # what is asked for already may still be on its way up
        if changed and options["memory"] and not options["put_back"]:
            remember(options["memory"], now)
        tick = clock(f"waiting for {service.name}", options["timeout"], options["poll"], run.tell)
        _change(service, wanted, restart, up, tick)
        if wanted.instances != now.instances:
            wait(options["settle"], "the instances take their share of the work", run.tell)
    if options["put_back"] and not run.check:
        forget(options["memory"])
    waited = 0.0 if run.check else round(time.monotonic() - started, 1)
    return _result(service.name, now, wanted, changed, waited, _summary(change_in_words(now, wanted, restart), run))


def _wanted(now: Condition, options: Options) -> Condition | None:
    """The condition asked for; None when it is to be put back and nothing is remembered."""
    if options["put_back"]:
        if any(options[wish] is not None for wish in ("state", "instances", "maintenance")):
            raise Refused("put_back takes everything from the memory", "Leave state, instances and maintenance out.")
        before = remembered(options["memory"])
        # A process type that a release has brought since then stays as it is.
        return before and replace(before, instances=_merged(now.instances, before.instances))
    wanted = now
    if options["state"]:
        wanted = replace(wanted, running=options["state"] != "stopped")
    if options["instances"] is None and wanted.running and not now.running and now.instances and not any(now.instances.values()):
        before = remembered(options["memory"]) if options["memory"] else None  # the vendor has forgotten them
        wanted = replace(wanted, instances=_merged(now.instances, before.instances if before else None))
    if options["instances"] is not None:
        if not wanted.running:
            raise Refused("instances only count while it runs", "Add state: running, or leave instances out.")
        instances = {kind: _number(kind, count) for kind, count in options["instances"].items()}
        unknown = sorted(set(instances) - set(now.instances or {}))
        if unknown:
            raise Refused(f"it has no {', '.join(unknown)}", f"It has {', '.join(now.instances or {}) or 'no instances to count'}.")
        if options["at_least"]:
            instances = {kind: max(count, (now.instances or {})[kind]) for kind, count in instances.items()}
        counted = {**(now.instances or {}), **instances}
        if not (options["at_least"] and counted == now.instances):  # what scales by itself and has enough goes on doing so
            wanted = replace(wanted, instances=counted, autoscaling={} if now.autoscaling is not None else None)
    if options["maintenance"] is not None:
        wanted = replace(wanted, maintenance=options["maintenance"])
    return wanted


def _merged(now: dict[str, int] | None, others: dict[str, int] | None) -> dict[str, int] | None:
    return {**now, **(others or {})} if now is not None else others


def _number(kind: str, count: Any) -> int:
    if isinstance(count, bool) or not str(count).isdigit():
        raise Refused(f"{count!r} is no number of {kind} instances", "Give a whole number.")
    return int(count)


def _change(service: Service, wanted: Condition, restart: bool, up: bool, tick: Any) -> None:
    """Visitors meet the maintenance page first when it is wanted, and leave it last. C(up): what runs has to come up, too."""
    if restart:
        service.restart()
    until_answered(lambda: _ask(service, wanted), tick)
    while True:
        if up and (crashed := service.crashed()):
            raise ActivationFailed(
                f"{service.name} runs it as asked, and it does not stay up: {crashed}",
                "Look at its log, go back to a release that stays up, then run the same command again.",
            )
        if service.steady() and alike(service.condition(), wanted, but_maintenance=True):
            break
        tick()
    if wanted.maintenance is False and service.condition().maintenance:
        service.maintain(False)
    while not alike(service.condition(), wanted):
        tick()


def _ask(service: Service, wanted: Condition) -> None:
    now = service.condition()
    if wanted.maintenance and not now.maintenance:
        service.maintain(True)
    if now.running and not wanted.running:
        service.stop()
    if wanted.running and not now.running:
        service.start(wanted)
    if now.autoscaling and not wanted.autoscaling:
        service.autoscale({})  # a number of instances is silently ignored while it is on
    if wanted.running and wanted.instances and wanted.instances != service.condition().instances and not wanted.autoscaling:
        service.scale(wanted.instances)
    if wanted.autoscaling and wanted.autoscaling != now.autoscaling:
        service.autoscale(wanted.autoscaling)
    if wanted.running and wanted.held is not None and service.condition().held != wanted.held:
        service.keep_away(wanted.held)


def _result(vendor: str, now: Condition, wanted: Condition, changed: bool, waited: float, summary: str) -> Result:
    before, after = asdict(now), asdict(wanted)
    different = [name for name in before if before[name] != after[name]]
    return {
        "changed": changed,
        "vendor": vendor,
        "before": before,
        "after": after,
        "waited": waited,
        "summary": summary,
        "diff": {"before": {n: before[n] for n in different}, "after": {n: after[n] for n in different}},
    }


def _summary(change: str, run: Run) -> str:
    if not change:
        return "run like this already"
    return f"would be {change}" if run.check else change
