# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rolled out, and which stages are left of it. What stands, the vendor knows; so a run that was cut off needs no memory."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import command
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import ARGUMENTS as OPENING
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import GOING_ON, Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import paragraph
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

SCENARIO = "rollout"
NEXT = "Look at what is wrong first; nobody got the release."
ARGUMENTS: dict[str, Any] = {
    "store": OPENING["store"],
    "environment_name": {"type": "str", "required": True},
    "targets": {"type": "list", "elements": "str", "required": True},
    "provider": {"type": "str", "default": ""},
    "standing": {"type": "dict", "required": True},
    "steps": {"type": "list", "elements": "int", "default": [10, 50, 100]},
    "deployment": {"type": "str"},
    "checks": {"type": "dict", "required": True},
    "metrics": {"type": "dict"},
}


def begin(options: Options, run: Run) -> Result:
    """C(stages) are those still to come, the present one first; C(abort) when it is being taken back, or has to be."""
    target = _only(options)
    interrupted = _going_on(options)
    rollout, serving = options["standing"].get("rollout") or {}, options["standing"].get("serving")
    active = rollout.get("state") == "ACTIVE"
    deployment = str(rollout.get("canary")) if interrupted else _deployment(target, rollout, active, serving, options["deployment"])
    told = {"deployment": deployment, "serving": serving, "stages": [], "configure": [], "abort": False, "why": "", "bad_at": None}
    if interrupted:
        fields = interrupted.fields
        why = fields.get("reason") or "it was worse than what served before"
        return {**told, "abort": True, "why": why, "bad_at": fields["bad_at"], "summary": f"{fields['id']} is going on: it is taken back"}
    bad = _wrong(options, "BAD")
    if not active and serving == deployment:
        if bad:
            raise Refused(f"{deployment} serves everybody already, and {bad}", "Take it back with playbooks/rollback-frontend.yml.")
        return {**told, "summary": f"{deployment} serves everybody already"}
    if active and bad:
        now = moment.iso(datetime.now(UTC))
        return {**told, "abort": True, "why": bad, "bad_at": now, "summary": f"it is taken back: {bad}"}
    wrong = bad or _wrong(options, "UNKNOWN")
    if wrong and not active:
        raise Refused(f"{wrong}: nothing is rolled out meanwhile", NEXT)
    shares = rollout["percentages"] if active else options["steps"]
    left = [share for share in shares if not active or share >= rollout["percentage"]]
    stages = [{"percentage": share, "state": "advanced" if active or share != shares[0] else "started"} for share in left]
    title = f"{target}: {deployment} goes out to {' → '.join(f'{share} %' for share in left)} of the visitors"
    said = f"{title}, {serving or 'nothing'} serves the others. After each stage it is looked at; what is BAD or UNKNOWN takes it back."
    return {
        **told,
        "configure": [] if active else [{"percentage": share} for share in options["steps"]],
        "stages": [] if run.check else stages,
        "summary": title,
        "screen": [paragraph(said)],
    }


def _only(options: Options) -> str:
    """The target of the play."""
    targets = options["targets"]
    if len(targets) != 1:
        raise Refused(f"{', '.join(targets)} are several targets", f"Name the one that is rolled out: --limit {targets[0]}")
    if options["provider"] != "vercel":
        raise Refused(f"{targets[0]} is at {options['provider'] or 'no vendor'}, which knows no rolling releases", "Vercel does.")
    return str(targets[0])


def _going_on(options: Options) -> Incident | None:
    """The rollout that an earlier run has begun to take back; Refused where something else is going on."""
    store = Store(options["store"])
    going = [one for one in store.incidents(options["environment_name"]) if one.fields["state"] in GOING_ON]
    other = next((one for one in going if one.fields["scenario"] != SCENARIO), None)
    if other:
        name, hint = other.directory.name, f"End it first: {command(other.fields, 'commit')}"
        raise Refused(f"{name} is going on: nothing is rolled out meanwhile", hint)
    holder = None if going else Lock(store.root, options["environment_name"]).other(None)
    if holder:
        at_it = f"{holder['by']} is rolling back since {holder['since']}"
        raise Locked(f"{at_it}: nothing is rolled out meanwhile", "Wait until that run has ended.")
    return going[-1] if going else None


def _deployment(target: str, rollout: Mapping[str, Any], active: bool, serving: str | None, named: str | None) -> str:
    canary = rollout.get("canary")
    if active and named not in (None, canary):
        raise Refused(f"the rolling release under way at {target} is that of {canary}", "Name that one, or none.")
    found = named or (canary if active or canary == serving else None)
    if not found:
        hint = "Name the deployment, which is ready and does not serve yet: -e deployment=dpl_…"
        raise Refused(f"nothing is being rolled out at {target}", hint)
    return str(found)


def _wrong(options: Options, verdict: str) -> str:
    """What was said by the flows or the metrics that have this verdict."""
    results = [options["checks"], options["metrics"] or {}]
    return "; ".join(str(result.get("summary", "")) for result in results if result.get("verdict") == verdict)


BEGIN = Operation(ARGUMENTS, begin)
