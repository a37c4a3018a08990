# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commit a deployment runs. Convex does not tell, so whoever deploys notes it down in a variable of the deployment.

The note is C(LASTGOOD_RELEASE=<commit> <time>). Where the audit log may be read it has the last word: a push after the newest note
was made by somebody who left none.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api

NAME = "LASTGOOD_RELEASE"
SKEW = timedelta(minutes=10)
"""What two clocks may differ by."""
PAGE, PAGES = 100, 30
"""Events a page, and pages read at most. What is not read may be a push."""
ATTEMPTS = 3
PUSH, NOTED = "push", "noted"
_PUSHES = ("push_config", "push_config_with_components")
_NOTES = ("create_environment_variable", "update_environment_variable", "replace_environment_variable")
_NO_AUDIT_LOG = (errors.NotAuthorised, errors.PlanLimit, errors.NotFound, errors.BadRequest, errors.NotRestorable)


@dataclass(frozen=True)
class Note:
    """The commit that was deployed last, and since when; no time when whoever deployed has noted none."""

    commit: str
    since: datetime | None


def read(api: Api) -> Note | None:
    """The note as it is now; None without one, or when it is no commit."""
    value = api.get("/list_environment_variables")["environmentVariables"].get(NAME, "")
    commit, _space, since = value.strip().partition(" ")
    if not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", commit):
        return None
    try:
        return Note(commit, moment.parse(since) if since else None)
    except errors.Refused:
        return Note(commit, None)


def write(api: Api, commit: str) -> None:
    """Note down that the deployment runs this commit now; read back when the answer is lost."""
    value = f"{commit} {moment.iso(datetime.now(UTC))}"
    for attempt in range(ATTEMPTS):
        try:
            api.send("POST", "/update_environment_variables", {"changes": [{"name": NAME, "value": value}]})
            return
        except errors.Unanswered:
            known = read(api)
            if known and known.commit == commit:
                return
            if attempt == ATTEMPTS - 1:
                raise


def outdated(api: Api, note: Note) -> bool:
    """Whether the audit log shows a push after the note; False where it cannot be read, or the note has no time."""
    events = history(api, note.since) if note.since else None
    return bool(events and events[-1] == PUSH)


def history(api: Api, since: datetime) -> list[str] | None:
    """What the audit log has of pushes and notes, oldest first, from a little before that time; None where it cannot be read."""
    found: list[str] = []
    cursor: str | None = None
    begin = int((since - SKEW).timestamp() * 1000)
    try:
        for _page in range(PAGES):
            answer = api.get("/list_audit_log_events", **{"from": begin, "limit": PAGE, "cursor": cursor})
            found += filter(None, (_kind(event) for event in answer["items"]))
            cursor = answer["pagination"].get("nextCursor")
            if not answer["pagination"].get("hasMore") or not cursor:
                break
        else:
            found.append(PUSH)
    except _NO_AUDIT_LOG:
        return None
    return found


def _kind(event: dict[str, Any]) -> str:
    if event["action"] in _PUSHES:
        return PUSH
    if event["action"] in _NOTES and (event.get("metadata") or {}).get("variable_name") == NAME:
        return NOTED
    return ""
