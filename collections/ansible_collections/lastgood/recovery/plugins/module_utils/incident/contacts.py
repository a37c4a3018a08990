# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom to call: people by role, vendors' support, and after how many minutes whom. Never told in messages, only to whoever runs it."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment

ARGUMENTS: dict[str, Any] = {
    "contacts": {"type": "dict", "default": {}},
    "escalation": {"type": "list", "elements": "dict", "default": []},
}
WAYS = ("phone", "slack", "mail", "hours")


def told_by(contacts: Mapping[str, Any], who: str) -> list[str]:
    """Everybody of that role or name, as C(Maria Rossi, +39 555 0100, @maria); nothing where nobody is listed."""
    return [_reached(one) for one in _people(contacts) if _word(who) in (_word(one.get(key, "")) for key in ("role", "name"))]


def known(contacts: Mapping[str, Any]) -> list[str]:
    """Every role and name that somebody is listed with."""
    return [str(one[key]) for one in _people(contacts) for key in ("role", "name") if one.get(key)]


def whose_word(contacts: Mapping[str, Any], roles: Iterable[str]) -> list[str]:
    """For each role C(engineering lead: Maria Rossi, +39 555 0100); a role with nobody listed is left out."""
    return [f"{role}: {' or '.join(people)}" for role in roles if (people := told_by(contacts, role))]


def of_vendor(contacts: Mapping[str, Any], vendor: str) -> str:
    """C(support@vercel.com, Pro plan); empty where nothing is listed."""
    vendors = contacts.get("vendors")
    found = vendors.get(vendor) if isinstance(vendors, Mapping) else None
    return ", ".join(str(found[key]) for key in ("support", "phone", "note") if found.get(key)) if isinstance(found, Mapping) else ""


def to_call(incident: Mapping[str, Any], now: datetime) -> str:
    """Whom to call now, in a sentence: the last whose minutes are over, else the first. They count as the RTO does. Empty without."""
    contacts = incident.get("contacts") or {}
    steps = _steps(incident.get("escalation") or [], str(incident.get("severity", "")))
    since = incident.get("bad_at") or incident.get("opened_at")
    if not since or not (steps or contacts.get("on_call")):
        return ""
    minutes = (now - moment.parse(str(since))).total_seconds() / 60
    schedule = f"who is on call: {contacts['on_call']}" if contacts.get("on_call") else ""
    if not steps:
        return f"Call {schedule}"
    due = [step for step in steps if float(step["after"]) <= minutes] or steps[:1]
    people = told_by(contacts, str(due[-1]["to"]))
    later = [step for step in steps if float(step["after"]) > minutes and step is not due[-1]]
    then = f"; after {moment.span(60 * float(later[0]['after']))}: {later[0]['to']}" if later else ""
    whom = f"{due[-1]['to']}: {' or '.join(people)}" if people else str(due[-1]["to"])
    return f"Call {whom}{f' ({schedule})' if schedule else ''}{then}"


def path(incident: Mapping[str, Any]) -> str:
    """The whole way up, for what is read later: C(Call primary on-call: Maria Rossi, +39 555 0100; after 15 min engineering manager)."""
    contacts = incident.get("contacts") or {}
    ways = []
    for step in _steps(incident.get("escalation") or [], str(incident.get("severity", ""))):
        people, after = told_by(contacts, str(step["to"])), float(step["after"])
        whom = f"{step['to']}: {' or '.join(people)}" if people else str(step["to"])
        ways.append(f"after {moment.span(60 * after)} {whom}" if after >= 1 else whom)
    ways += [f"who is on call: {contacts['on_call']}"] if contacts.get("on_call") else []
    return f"Call {'; '.join(ways)}" if ways else ""


def over_the_rto(incident: Mapping[str, Any], now: datetime) -> str:
    """Whom to call because it takes longer than it may; empty while it does not, or where nobody is listed."""
    rto, since = incident.get("rto"), incident.get("bad_at")
    if not rto or not since or (now - moment.parse(str(since))).total_seconds() <= float(rto):
        return ""
    call = to_call(incident, now)
    return f"over the RTO of {moment.span(float(rto))}. {call}" if call else ""


def rows(incident: Mapping[str, Any]) -> list[dict[str, str]]:
    """For the report: C(who) it is and C(how) to reach them, people first, then vendors, then after how many minutes whom."""
    contacts = incident.get("contacts")
    contacts = contacts if isinstance(contacts, Mapping) else {}
    found = [{"who": str(one.get("role") or one.get("name", "")), "how": _reached(one)} for one in _people(contacts)]
    vendors = contacts.get("vendors")
    found += [{"who": f"{name} support", "how": of_vendor(contacts, name)} for name in (vendors if isinstance(vendors, Mapping) else {})]
    found += [{"who": "on call", "how": str(contacts["on_call"])}] if contacts.get("on_call") else []
    steps = _steps(incident.get("escalation") or [], str(incident.get("severity", "")))
    return found + [{"who": f"after {moment.span(60 * float(step['after']))}", "how": str(step["to"])} for step in steps]


def _word(name: Any) -> str:
    """Roles are written C(engineering lead) and C(engineering-lead)."""
    return str(name).casefold().replace("-", " ")


def _reached(person: Mapping[str, Any]) -> str:
    return ", ".join(str(person[key]) for key in ("name", *WAYS) if person.get(key))


def _people(contacts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    people = contacts.get("people")
    return [one for one in people if isinstance(one, Mapping)] if isinstance(people, list) else []


def _steps(escalation: Sequence[Any], severity: str) -> list[Mapping[str, Any]]:
    """Those that count for the severity, the soonest first."""
    fitting = []
    for step in escalation if isinstance(escalation, list) else []:
        if isinstance(step, Mapping) and isinstance(step.get("after"), int | float) and step.get("to"):
            only = step.get("severity") or [severity]
            fitting += [step] if severity in ([only] if isinstance(only, str) else only) else []
    return sorted(fitting, key=lambda step: float(step["after"]))
