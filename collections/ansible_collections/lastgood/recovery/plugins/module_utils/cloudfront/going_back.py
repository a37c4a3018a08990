# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module that puts a configuration back does: look, compare, check what it refers to, replace it, wait, look again."""
from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import captures, past, references
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.comparison import differences, same
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import WAITING, Config, Distribution, Seen
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock
from ansible_collections.lastgood.recovery.plugins.module_utils.wish import CLOCKS_AGREE

ARGUMENTS: dict[str, Any] = {
    "recovery_point": {"type": "path"},
    "good_at": {"type": "str"},
    **past.ARGUMENTS,
    "etag": {"type": "str"},
    "force": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 3600},
    "poll": {"type": "float", "default": 10},
}
SOURCES = ("recovery_point", "good_at")
OF_ITS_OWN = ("CallerReference", "Staging", "ContinuousDeploymentPolicyId")
"""What belongs to the distribution rather than to its configuration, and is never put back."""
ATTEMPTS = 3


@dataclass(frozen=True)
class Wanted:
    """A configuration to go back to, where it is from, and what nobody knows about it."""

    config: Config
    source: str
    doubts: list[str]


def operation(vendor: Reached) -> Operation:
    return Operation(
        arguments={**vendor.arguments_of("configuration"), **ARGUMENTS},
        perform=lambda options, run: put_back(vendor.connect("configuration", options, run), options, run),
        rules={"mutually_exclusive": [SOURCES, past.EXCLUSIVE], "required_one_of": [SOURCES], "required_by": {"captures": "good_at"}},
    )


def put_back(distribution: Distribution, options: Options, run: Run) -> Result:
    """Make the distribution have the wanted configuration on every edge; nothing is sent when it has."""
    started = time.monotonic()
    seen = distribution.look()
    wanted = _wanted(distribution, seen, options, run)
    config = _fitted(wanted.config, seen.config)
    moves = not same(seen.config, config)
    change = differences(seen.config, config, distribution.key)
    checked = references.Checked()
    if moves:
        _planned(distribution, seen, change, options)
        checked = references.check(distribution, config, seen.config)
        if checked.gone:
            raise errors.NotRestorable(
                f"the configuration {wanted.source} refers to what CloudFront would refuse: {'; '.join(checked.gone)}",
                "Make it again under the same name where that can be, or choose another configuration.",
                gone=checked.gone,
            )
    after = seen
    if not run.check:
        after = _send(distribution, seen, wanted.config, options) if moves else seen
        after = _settle(distribution, after, wanted.config, options, run)
    return {
        "changed": moves,
        "distribution": distribution.id,
        "etag": after.etag,
        "source": wanted.source,
        "different": sorted(change["after"]),
        "references": checked.count,
        "waited": 0.0 if run.check else round(time.monotonic() - started, 1),
        "warnings": [*wanted.doubts, *checked.unknown],
        "summary": _summary(distribution, wanted, change, run),
        "diff": change,
    }


def _wanted(distribution: Distribution, seen: Seen, options: Options, run: Run) -> Wanted:
    if options["recovery_point"]:
        capture = captures.read(options["recovery_point"], run)
        if capture.distribution != distribution.id:
            raise errors.Refused(
                f"{options['recovery_point']} was captured from {capture.distribution}, not from {distribution.id}",
                "Name a capture of this distribution.",
            )
        return Wanted(capture.config, f"captured at {moment.iso(capture.captured_at)}", [])
    when = moment.parse(options["good_at"])
    found = past.at(chain(past.written_down(options, run, distribution, seen), past.recovery_points(run, distribution)), when)
    ahead = distribution.clock_ahead
    doubts = [found.doubt] if found.doubt else []
    if when > found.until:
        doubts.append(f"it was {found.source}; nobody knows of a change between then and {moment.iso(when)}")
    if abs(ahead) > CLOCKS_AGREE:
        doubts.append(f"CloudFront's clock is {moment.span(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} this machine's")
    return Wanted(found.config, found.source, doubts)


def _fitted(wanted: Config, live: Config) -> Config:
    """The wanted one, verbatim but for what belongs to the distribution itself."""
    own = {name: live[name] for name in OF_ITS_OWN if name in live}
    return {**{name: value for name, value in wanted.items() if name not in OF_ITS_OWN}, **own}


def _planned(distribution: Distribution, seen: Seen, change: dict[str, Any], options: Options) -> None:
    if options["etag"] and options["etag"] != seen.etag and not options["force"]:
        raise errors.Conflict(
            f"{distribution.id} was changed since this was planned: its ETag is {seen.etag} and not {options['etag']}",
            f"Look at diff, which is from what it has now; then run it again with etag: {seen.etag}, or with force.",
            diff=change,
            etag=seen.etag,
        )


def _send(distribution: Distribution, seen: Seen, wanted: Config, options: Options) -> Seen:
    """Replace what was seen. Whoever changed it meanwhile is told of, and only overruled with C(force)."""
    attempts = 0
    while True:
        config = _fitted(wanted, seen.config)
        try:
            return distribution.update(config, seen)
        except (errors.Conflict, errors.Unanswered) as problem:
            attempts += 1
            now = distribution.look()
            if same(now.config, config):
                return now
            if now.etag != seen.etag and not options["force"]:
                raise _overtaken(distribution, seen, now) from None
            if attempts == ATTEMPTS or (now.etag == seen.etag and isinstance(problem, errors.Conflict)):
                raise
            seen = now


def _overtaken(distribution: Distribution, seen: Seen, now: Seen) -> errors.Conflict:
    meanwhile = differences(seen.config, now.config, distribution.key)
    return errors.Conflict(
        f"somebody else changed {distribution.id} at {moment.iso(now.modified)}: {_few(meanwhile['after'])}",
        "Look at meanwhile; run the same command again to go on from there, or with force to overrule whoever it is.",
        meanwhile=meanwhile,
        etag=now.etag,
    )


def _settle(distribution: Distribution, seen: Seen, wanted: Config, options: Options, run: Run) -> Seen:
    now = distribution.until_deployed(clock(WAITING, options["timeout"], options["poll"], run.tell), seen)
    config = _fitted(wanted, now.config)
    if same(now.config, config):
        return now
    others = differences(config, now.config, distribution.key)
    added = all(value == "absent" for value in others["before"].values()) and now.etag == seen.etag
    if added:  # settings that CloudFront has got since then, with the values that it gives them by itself
        return now
    raise errors.NotLive(
        f"{distribution.id} is deployed with another configuration: {_few(others['after'])}",
        "Somebody else changed it meanwhile; talk to them, then run the same command again.",
        meanwhile=others,
    )


def _few(paths: dict[str, Any]) -> str:
    names = sorted(paths)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _summary(distribution: Distribution, wanted: Wanted, change: dict[str, Any], run: Run) -> str:
    if not change["after"]:
        return f"{distribution.id} has the configuration {wanted.source} already"
    count = len(change["after"])
    settings = f"{count} setting{'' if count == 1 else 's'}"
    if run.check:
        return f"{distribution.id}: {settings} would be as {wanted.source}"
    return f"{distribution.id}: {settings} are as {wanted.source}, on every edge"
