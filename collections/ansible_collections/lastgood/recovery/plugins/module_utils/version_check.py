# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether every address of what went back still shows the release that it went back to."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import outside
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked, failed_if_asked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.looking import until_well
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "version_urls": {"type": "dict", "required": True},
    "timeout": {"type": "float", "default": 0},
    "poll": {"type": "float", "default": 2},
    "phase": {"type": "str"},
    "fail": {"type": "bool", "default": False},
}


def check(options: Options, run: Run) -> Result:
    """A check for each target that went back and has addresses; without any there is nothing to say, and nothing is written down."""
    releases = went_back(Journal(options["incident"]["journal"]).events()) if options["incident"].get("journal") else {}
    targets = {target: urls for target, urls in options["version_urls"].items() if urls and target in releases}
    if not targets:
        return {**found([], "versions", "are served"), "summary": ""}
    result = until_well(
        lambda: found(_look(targets, releases), "targets", "serve their release everywhere"), run.tell, options["timeout"], options["poll"]
    )
    run.record("checked", kind="versions", phase=options["phase"], verdict=result["verdict"], checks=result["checks"])
    return failed_if_asked(result, options["fail"])


def went_back(events: Iterable[Mapping[str, Any]]) -> dict[str, Release]:
    """By target, the release of its newest step. What has none is left out, and what failed: nobody can say what it should serve."""
    steps = [event for event in events if event["event"] == "result" and event.get("kind") == "release" and event["status"] != "skipped"]
    newest = {event["target"]: event for event in steps}
    done = {target: event.get("to") or {} for target, event in newest.items() if event["status"] in ("ok", "changed")}
    return {target: Release.from_dict(to) for target, to in done.items() if "live_from" in to}


def _look(targets: Mapping[str, list[str]], releases: Mapping[str, Release]) -> list[Check]:
    pairs = [(target, url) for target, urls in targets.items() for url in urls]
    seen = dict(zip(pairs, outside.look_at_all([(url, releases[target]) for target, url in pairs]), strict=True))
    return [_checked(target, releases[target], {url: seen[target, url] for url in urls}) for target, urls in targets.items()]


def _checked(target: str, release: Release, seen: Mapping[str, tuple[str, str]]) -> Check:
    wrong = {url: (verdict, words) for url, (verdict, words) in seen.items() if verdict != "OK"}
    name = f"version of {target}"
    if not wrong:
        return checked(name, "OK")
    verdict = "BAD" if any(word == "BAD" for word, _words in wrong.values()) else "UNKNOWN"
    got = "; ".join(f"{url} {words}" for url, (_verdict, words) in wrong.items())
    return checked(name, verdict, step="addresses", expected=f"{release} on all {len(seen)} addresses", got=got)


CHECK = Operation(ARGUMENTS, check)
