# SPDX-License-Identifier: GPL-3.0-or-later
"""Success criteria and what is to be done after a rollback: ticked where the journal proves it, open where a person must look."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import checklist_files
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.checklist_looks import Looks, matches
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import day_and_clock, text

DONE, FAILED, OPEN = "done", "failed", "open"
Answer = tuple[str, str]
"""A state, and why."""
Event = dict[str, Any]
STANDING = ("checks", "kinds", "went_back", "verdict", "looks")
"""What is true of a rollback for as long as it stands."""


def read_checklists(incident: Mapping[str, Any], events: Sequence[Any]) -> list[dict[str, Any]]:
    """C([{name, items: [{text, state: done|failed|open, by: machine|person, why}]}]) of the lists that the incident goes by.

    C(incident) is incident.yml, C(events) the lines of the journal in order, wherever it ends. It never raises: what is not as it
    should be leaves an item open. Only what was seen after the rollback ticks one.
    """
    told = [event for event in events if isinstance(event, dict)]
    return [
        {"name": text(part["name"]), "items": [_item(item, incident, told) for item in part["items"]]}
        for given in _given(incident)
        for part in _parts(given, incident)
    ]


def _given(incident: Mapping[str, Any]) -> list[Any]:
    given = incident.get("checklists")
    return given if isinstance(given, list) else [checklist_files.DEFAULT]


def _parts(given: Any, incident: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        document = checklist_files.checklist(given)
    except RecoveryError as error:
        lost = {"text": "Read the checklist and go through it", "person": error.message}
        return [{"name": given if isinstance(given, str) else "Checklist", "items": [lost]}]
    parts: list[dict[str, Any]] = document["lists"]
    return [part for part in parts if incident.get("scenario") in part.get("scenarios", [incident.get("scenario")])]


def _item(item: Mapping[str, Any], incident: Mapping[str, Any], events: list[Event]) -> dict[str, str]:
    if "person" in item:
        why = item["person"] if isinstance(item["person"], str) else ""
        return {"text": text(item["text"]), "state": OPEN, "by": "person", "why": text(why)}
    binding = next(name for name in ANSWERS if name in item)
    if binding in STANDING and _undone(events):
        state, why = OPEN, "the rollback was undone"
    else:
        state, why = ANSWERS[binding](item[binding], incident, events)
    return {"text": text(item["text"]), "state": state, "by": "machine", "why": text(why)}


def _undone(events: list[Event]) -> bool:
    return any(event.get("event") == "undone" for event in events)


def _checks(patterns: list[str], _incident: Mapping[str, Any], events: list[Event]) -> Answer:
    return Looks(events).answer(lambda check, kind: matches(check, patterns), f"no check is called {' or '.join(patterns)}")


def _kinds(kinds: list[str], _incident: Mapping[str, Any], events: list[Event]) -> Answer:
    return Looks(events).answer(lambda check, kind: kind in kinds, f"no {' or '.join(kinds)} were checked")


def _looked(wanted: Mapping[str, Any], _incident: Mapping[str, Any], events: list[Event]) -> Answer:
    """So many looks of a phase, whatever they saw: it is about having watched."""
    phases = {text(event.get("phase")) for event in events if event.get("event") == "checked"}
    seen = [phase for phase in phases if matches(phase, [wanted["phase"]])]
    return (DONE if len(seen) >= wanted["at_least"] else OPEN), f"{len(seen)} of {wanted['at_least']} looks"


def _verdict(words: list[str], _incident: Mapping[str, Any], events: list[Event]) -> Answer:
    """Of the newest run: one that has not come to its verdict leaves it open."""
    for event in reversed(events):
        if event.get("event") in ("resumed", "opened"):
            break
        if event.get("event") == "verdict":
            word = text(event.get("verdict"))
            state = DONE if word in words else OPEN if word == "COULD NOT VERIFY" else FAILED
            return state, f"{word}: {text(event.get('reason'))}"
    return OPEN, "there is no verdict yet"


def _went_back(_wanted: str, _incident: Mapping[str, Any], events: list[Event]) -> Answer:
    newest: dict[str, str] = {}
    for event in events:
        if event.get("event") == "result" and event.get("kind") == "release" and event.get("status") != "skipped":
            newest[text(event.get("target"))] = text(event.get("status"))
    stuck = sorted(target for target, status in newest.items() if status not in ("ok", "changed"))
    if stuck:
        return FAILED, f"did not go back: {', '.join(stuck)}"
    return (DONE, f"went back: {', '.join(sorted(newest))}") if newest else (OPEN, "no target has gone back yet")


def _told(wanted: Mapping[str, Any], _incident: Mapping[str, Any], events: list[Event]) -> Answer:
    """What each channel was told last of those stages; one that failed is not made up for by another."""
    newest: dict[str, Event] = {}
    for event in events:
        channel = text(event.get("channel"))
        if event.get("event") == "told" and event.get("stage") in wanted["stages"] and matches(channel, wanted.get("channels", ["*"])):
            newest[channel] = event
    for state, verdict in (("failed", FAILED), ("queued", OPEN)):
        waiting = sorted(channel for channel, event in newest.items() if event.get("state") == state)
        if waiting:
            return verdict, f"{state}: {', '.join(waiting)}"
    if any(event.get("state") != "sent" for event in newest.values()):
        return OPEN, "was not delivered"
    sent = [f"{channel} at {day_and_clock(event.get('at'))}" for channel, event in sorted(newest.items())]
    return (DONE, f"sent: {', '.join(sent)}") if sent else (OPEN, "nobody was told that way")


def _happened(names: list[str], _incident: Mapping[str, Any], events: list[Event]) -> Answer:
    found = next((event for event in events if event.get("event") in names), None)
    return (DONE, f"in the journal since {day_and_clock(found.get('at'))}") if found else (OPEN, "not in the journal")


def _fields(names: list[str], incident: Mapping[str, Any], _events: list[Event]) -> Answer:
    missing = [name for name in names if not text(incident.get(name))]
    if missing:
        return OPEN, f"not given: {', '.join(missing)}"
    return DONE, "; ".join(f"{name}: {text(incident[name])}" for name in names)


ANSWERS: dict[str, Callable[[Any, Mapping[str, Any], list[Event]], Answer]] = {
    "checks": _checks,
    "kinds": _kinds,
    "looks": _looked,
    "verdict": _verdict,
    "went_back": _went_back,
    "told": _told,
    "events": _happened,
    "given": _fields,
}
"""By the word in the file, what answers it."""
