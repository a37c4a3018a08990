# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether anything is going on in the environment that a deployment would disturb, or that would keep it away."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import command
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.reading import read_store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import AWAITING, GOING_ON, Store

STATUS = "ansible-playbook playbooks/status.yml says what to type."


def incidents(store: Store, environment: str) -> Check:
    """No incident is going on, nor awaits an approval; one that cannot be read may be either."""
    try:
        found = read_store(store)
    except RecoveryError as error:
        return checked("incidents", "UNKNOWN", expected="none going on", got=error.message, todo=error.hint)
    going = [one for one in found.of(environment) if one.fields["state"] in (*GOING_ON, AWAITING)]
    if going:
        told = ", ".join(f"{one.directory.name} ({one.fields['state'].replace('_', ' ')})" for one in going)
        facts = {**going[-1].fields, "id": going[-1].directory.name}
        todo = f"End it first, to keep what was rolled back: {command(facts, 'commit')}; {STATUS}"
        return checked("incidents", "BAD", expected="none going on", got=told, todo=todo)
    if found.unreadable:
        why = "; ".join(f"{name}: {why}" for name, why in found.unreadable.items())
        return checked("incidents", "UNKNOWN", expected="none going on", got=why, todo="Repair or move it.")
    return checked("incidents", "OK", got="none is going on")


def lock(store: Store, environment: str) -> Check:
    """Nobody holds the environment's lock; a run that has died does not."""
    try:
        holder = Lock(store.root, environment).other(None)
    except RecoveryError as error:
        return checked("lock", "UNKNOWN", expected="nobody holds it", got=error.message, todo=error.hint)
    if holder is None:
        return checked("lock", "OK", got="nobody holds it")
    got = f"{holder.get('by') or 'somebody'} holds it since {holder.get('since') or 'nobody knows when'}"
    return checked("lock", "BAD", expected="nobody holds it", got=got, todo=f"Wait until that run has ended. {STATUS}")


def pushes(readings: Mapping[str, Any]) -> list[Check]:
    """New pushes go live at every target that can be read; a hold would keep the deployment away without a word."""
    rows = []
    for target, reading in readings.items():
        name, given = f"pushes to {target}", reading if isinstance(reading, Mapping) else {}
        if given.get("skipped"):
            continue
        if "serving" not in given:
            why = str(given.get("summary") or given.get("msg") or "it gave no answer")
            todo = "See that its vendor answers, and that the token is right."
            rows.append(checked(name, "UNKNOWN", expected="go live", got=why, todo=todo))
        elif given.get("holds") and given.get("held"):
            todo = "A rollback holds them until it is committed; a hold of nobody's is let go at the vendor."
            rows.append(checked(name, "BAD", expected="go live", got="they are held", todo=todo))
        else:
            rows.append(checked(name, "OK", got="go live"))
    return rows


def freeze(freezes: Sequence[Mapping[str, Any]], now: datetime) -> Check:
    """No freeze is on; Refused when one cannot be read, because nobody could say then."""
    on = []
    for row in freezes:
        since, until = (moment.parse(row[name], now) for name in ("from", "to"))
        if until <= since:
            raise Refused(f"the freeze from {row['from']} to {row['to']} ends before it begins", "Correct freezes in the inventory.")
        if since <= now < until:
            on.append(f"{row.get('reason') or 'a freeze'}, until {moment.short(until)} UTC")
    if on:
        todo = "Deploy after it, or shorten it in the inventory, which somebody reviews."
        return checked("freezes", "BAD", expected="none", got="; ".join(on), todo=todo)
    return checked("freezes", "OK", got="none is on")
