# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether those who must approve the plan have done so; else the run stops before it holds, locks or changes anything."""
from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ApprovalMissing
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import contacts, refusals, signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approval import Request
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approved_plan import differences
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import approve
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.counting import count, job_of
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.requirements import Requirements, in_words, missing, requirements
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.running import opened
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import AWAITING, GOING_ON, Incident, short
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import APPROVAL_MISSING
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "approvals": {"type": "dict", "default": {}},
    **refusals.ARGUMENTS,
}
NODE = "Launch the workflow of AWX: it plans, waits at its approval node, and starts this job with the plan that was approved. "
Event = dict[str, Any]


def check(options: Options, run: Run) -> Result:
    """Who approved; ApprovalMissing says whose word is missing, and what to type. Nothing to say where nobody needs to."""
    facts = options["incident"]
    required = requirements(options["approvals"], facts["severity"], facts["scenario"], facts.get("decision"))
    if required is None or not facts["plan"]["changes"]:
        return {}
    if run.check:
        return {"summary": f"needs the approval of {in_words(required.needs)} before it starts"}
    incident, plan = opened(options), facts["plan"]["hash"]
    events, now = incident.journal.events(), datetime.now(UTC)
    name = refusals.name_of(refusals.APPROVAL, plan)
    if refusals.asked(refusals.APPROVAL, name, options):
        refusal = f"{in_words(required.needs)} must approve it"
        refusals.record(incident.journal, events, name, refusal, options, plan=plan, needs=required.needs)
        return {"summary": "! goes on without the approvals that are needed: overridden"}
    if refusals.overridden(events, name):
        return {"summary": "! goes on without the approvals that are needed: overridden"}
    asked, before = _request(facts, incident, events, required, now)
    given = _given(events, asked.nonce)
    # What has been started must not come to a stop because an approval has expired meanwhile.
    as_of = moment.parse(given["at"]) if given and incident.fields["state"] in GOING_ON else now
    job = job_of(required, given if incident.fields["state"] in GOING_ON else None)
    counted, refused = count(incident, asked, required, as_of, job, run)
    still = missing(required.needs, [found.roles for found in counted])
    if not still:
        if given is None:
            by = [found.__dict__ for found in counted]
            incident.journal.append("approved", plan=plan, nonce=asked.nonce, by=by, **({"awx_job": job.id} if job else {}))
        return {"summary": f"approved by {', '.join(found.in_words() for found in counted)}"}
    if incident.fields["state"] not in GOING_ON:
        incident.update(state=AWAITING, approve_until=moment.iso(asked.expires))
    incident.journal.append("approval_missing", plan=plan, missing=still, refused=refused)
    changed = f"; the plan has changed since it was shown: {before}" if before else ""
    people = contacts.whose_word(facts.get("contacts") or {}, still)
    ask = f"Ask for it until {asked.expires:%H:%M} UTC: {approve(facts)} — then the same command again. " if required.signers else NODE
    raise ApprovalMissing(
        f"{in_words(still)} must approve it{''.join(f'; {text}' for text in refused)}{changed}",
        f"{ask}{refusals.how_to_override(name)}{''.join(f' Call {text}.' for text in people)}",
        exit_code=APPROVAL_MISSING,
        missing=still,
        refusal=name,
    )


def approved_so_far(
    facts: dict[str, Any], incident: Incident | None, required: Requirements, plan: str, now: datetime
) -> dict[str, Any]:
    """For the screen, before anything is asked: C(needs), who approved that plan already (C(by)), and what is C(missing)."""
    events = incident.journal.events() if incident else []
    asked = [event for event in events if event["event"] == "approval_requested"]
    if refusals.overridden(events, refusals.name_of(refusals.APPROVAL, plan)):
        return {"needs": required.needs, "by": [], "missing": {}}
    newest = asked[-1] if incident and asked and asked[-1]["plan"] == plan else None
    begun = _given(events, newest["nonce"]) if newest and incident and incident.fields["state"] in GOING_ON else None
    if incident and newest:
        request = request_of(incident, newest, _names(facts))
    else:  # nobody was asked in so many words, but an approval node may have been before this job
        expires = now + timedelta(minutes=required.minutes)
        request = Request(facts["environment"], facts["id"], plan, "", expires, frozenset(_names(facts)))
    as_of = moment.parse(begun["at"]) if begun else now
    counted, _refused = count(incident if newest else None, request, required, as_of, job_of(required, begun), Run())
    return {
        "needs": required.needs,
        "by": [found.in_words() for found in counted],
        "missing": missing(required.needs, [found.roles for found in counted]),
    }


def _request(facts: dict[str, Any], incident: Incident, events: list[Event], required: Requirements, now: datetime) -> tuple[Request, str]:
    """The request that is open for this plan, or a new one; and what has become different since the one before."""
    asked = [event for event in events if event["event"] == "approval_requested"]
    mine, plan = _names(facts), facts["plan"]["hash"]
    newest = asked[-1] if asked else None
    if newest is None or newest["plan"] != plan or (moment.parse(newest["expires"]) <= now and not _began(incident, events, newest)):
        before = "" if newest is None or newest["plan"] == plan else differences(newest["what"], facts["plan"]["approve"])[0]
        newest = {
            "plan": plan,
            "what": facts["plan"]["approve"],
            "nonce": secrets.token_hex(16),
            "expires": moment.iso(now + timedelta(minutes=required.minutes)),
            "by": facts["by"],
            "requesters": mine,
            "needs": required.needs,
            "roles": {role: required.roles.get(role, []) for role in required.needs},
            "signers": short(required.signers) if required.signers else None,
            "revoked": short(required.revoked) if required.revoked else None,
        }
        incident.journal.append("approval_requested", **newest)
    else:
        before = ""
    return request_of(incident, newest, mine), before


def _given(events: list[Event], nonce: str) -> Event | None:
    return next((event for event in events if event["event"] == "approved" and event["nonce"] == nonce), None)


def _began(incident: Incident, events: list[Event], request: Event) -> bool:
    """Whether the rollback was started with that approval."""
    return incident.fields["state"] in GOING_ON and _given(events, request["nonce"]) is not None


def request_of(incident: Incident, event: Event, runs_it: list[str] | None = None) -> Request:
    """The request that an event of the journal makes."""
    requesters = frozenset([*event["requesters"], *(runs_it or [])])
    expires = moment.parse(event["expires"])
    return Request(incident.fields["environment"], incident.fields["id"], event["plan"], event["nonce"], expires, requesters)


def _names(facts: dict[str, Any]) -> list[str]:
    """Whoever runs it: by name, by account, and by the keys at hand."""
    return sorted({facts["by"], facts["user"], *signature.own_keys()})


CHECK = Operation(ARGUMENTS, check)
