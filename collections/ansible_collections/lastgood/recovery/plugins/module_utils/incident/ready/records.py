# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollback rests on at home: incident store, lock, journal, holds of what is going on, recovery points, and channels."""
from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.finding import bad, failed, fine, left_out, unknown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.reading import Found
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Incident, Store, condemned_by
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.configured import Place, configured
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.tripwire import trip
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT, TAMPERED, verify
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Points

ANSWERS = 3.0
"""Seconds that a channel's address may take to accept a connection."""
READABLE = "incidents that can be read"


def going_on(incidents: Sequence[Incident], readings: Mapping[str, Any]) -> tuple[list[Check], set[str]]:
    """What the incidents that nobody has ended hold and serve, as the watch sees it; and the targets that they hold."""
    found: list[Check] = []
    held: set[str] = set()
    for incident in incidents:
        if incident.fields["state"] not in GOING_ON:
            continue
        for check in trip(incident.journal.events(), readings, condemned_by(incidents)):
            name = f"{incident.directory.name}: {check['name']}"
            todo = "Look whether somebody has deployed or let pushes go: playbooks/status.yml; playbooks/watch.yml puts holds back."
            found.append({**check, "name": name} if check["verdict"] == "OK" else {**check, "name": name, "todo": todo})
            held |= {check["name"].removeprefix("hold of ")} if check["name"].startswith("hold of ") else set()
    return found, held


def records(found: Found, incidents: Sequence[Incident]) -> list[Check]:
    """Every incident can be read, and the journal of the newest is what was written."""
    rows = [bad(f"incident {name}", READABLE, why, "Repair or move it: a rollback would refuse.") for name, why in found.unreadable.items()]
    if not incidents:
        return rows
    newest = incidents[-1]
    journal = newest.journal.path
    told = verify(journal.read_bytes() if journal.exists() else b"", newest.directory.name)
    name, wanted = f"journal of {newest.directory.name}", "a chain that is as it was written"
    todo = f"See what is wrong with it: scripts/verify {newest.directory.name}"
    if told.state == INTACT:
        return [*rows, fine(name)]
    wrong = bad if told.state == TAMPERED else unknown
    return [*rows, wrong(name, wanted, "; ".join([told.state, *told.findings, *told.notes]), todo)]


def lock(store: Store, environment: str, process: int | None) -> Check:
    """Free, or held by a run that lives."""
    name, one = "lock", Lock(store.root, environment)
    try:
        holder, alive = one.holder(), one.other(process)
    except (RecoveryError, OSError) as error:
        return failed(name, "one that can be read", {"msg": str(error), "error": "Refused"}, getattr(error, "hint", ""))
    if holder is None:
        return fine(name, "nobody holds it")
    who = f"{holder.get('by')} for {holder.get('incident')} since {holder.get('since')}"
    if alive is None:
        return bad(name, "nobody to hold it who is dead", f"held by a run that died, {who}",
                   f"Go on with {holder.get('incident')}, or undo it; the next run takes the lock over.")
    return unknown(name, "nobody to hold it", f"held by {who}, on {holder.get('host')}", "Wait until that run is over, then ask again.")


def points(store: Store, environment: str, within: timedelta, now: datetime) -> list[Check]:
    """The newest recovery point is whole, young enough, and what was captured."""
    name, wanted = "recovery point", f"a whole one from the last {moment.span(within.total_seconds())}"
    capture = "Capture one: playbooks/capture.yml; then see why its schedule did not."
    places = Points(store.address)
    found = places.all(environment)
    rows = [bad(f"recovery point {one}", "one that can be read", why, "Move it away.") for one, why in places.unreadable.items()]
    whole = [one for one in found if one.get("complete")]
    if not whole:
        return [*rows, bad(name, wanted, f"{len(found)}, none of them whole" if found else "there is none", capture)]
    newest, at = whole[-1], moment.parse(whole[-1]["captured_at"])
    if now - at > within:
        return [*rows, bad(name, wanted, f"the newest is {newest['id']}, {moment.span((now - at).total_seconds())} old", capture)]
    if spoilt := places.spoilt(newest):
        return [*rows, bad(name, "files that are what was captured", spoilt, capture)]
    return [*rows, fine(name, f"{newest['id']}, of {moment.short(at)}", until=moment.iso(at + within))]


def channels(telling: Mapping[str, Any], secrets: Mapping[str, str], deliver: bool) -> list[Check]:
    """Each is configured, and something answers where it sends to. Nothing is sent, so that its token is not tried."""
    if not telling.get("channels"):
        return []
    if not deliver:
        return [left_out("channels", "nothing is sent: deliver_notifications is false")]
    told = configured(telling, secrets, strictly=False)
    todo = "Correct telling in the inventory: docs/telling.md"
    wrong = [place.problem for place in told.places if place.problem]
    rows = [bad("telling", "what docs/telling.md knows", problem, todo) for problem in told.problems if problem not in wrong]
    return [*rows, *(_channel(place, row) for place, row in zip(told.places, telling["channels"], strict=True))]


def _channel(place: Place, row: Any) -> Check:
    name, wanted = f"channel {place.name}", "an address that answers"
    if place.problem or place.channel is None:
        return bad(name, "one that can be used", place.redacted(place.problem), "Correct it in the inventory: docs/telling.md")
    there = _address(place.channel, row)
    if there is None:
        return left_out(name, "configured; where it sends to is not looked at")
    try:
        socket.create_connection(there, timeout=ANSWERS).close()
    except OSError as error:
        why = f"{there[0]}:{there[1]}: {error.strerror or error}"
        return unknown(name, wanted, place.redacted(why), "See whether it can be reached from here; people would hear nothing.")
    return fine(name, f"{there[0]} answers; nothing was sent")


def _address(channel: Any, row: Mapping[str, Any]) -> tuple[str, int] | None:
    """Host and port, as far as a channel says: that of its API, or of a mail server."""
    url = getattr(channel, "base_url", None) or getattr(getattr(channel, "api", None), "url", None) or row.get("api_url")
    if url:
        parts = urlsplit(str(url))
        return (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)) if parts.hostname else None
    return (str(row["host"]), int(row.get("port") or 587)) if row.get("host") else None
