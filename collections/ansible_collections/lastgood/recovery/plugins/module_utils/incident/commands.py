# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that a person is told to type next, as they work for the environment of the incident."""
from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.awx_workflow import in_awx
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.contacts import path
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verdict import RESTORED

USUAL = "checkout"
"""The scenario that is meant when none is given."""
BY_SCENARIO = {"database": "restore-database", "rollout": "rollout", "vulnerability": "respond-vulnerability"}
"""The playbooks that are not called after their scenario."""


def command(incident: Mapping[str, Any], playbook: str) -> str:
    """C(ansible-playbook -i inventories/production playbooks/undo.yml -e scenario=edge), or what of C(awx/) to launch."""
    if in_awx():
        return _launch(incident, playbook)
    inventory = f"-i {incident['inventory']} " if incident.get("inventory") else ""
    scenario = "" if incident.get("scenario", USUAL) == USUAL else f" -e scenario={incident['scenario']}"
    return f"ansible-playbook {inventory}playbooks/{playbook}.yml{scenario}"


def _launch(incident: Mapping[str, Any], playbook: str) -> str:
    """C(launch production undo in AWX, scenario edge). Scenarios are launched by their workflow; a rollout has none."""
    named = {own: scenario for scenario, own in BY_SCENARIO.items()}.get(playbook, playbook.removeprefix("rollback-"))
    template = f"{incident['environment']} {named}" + (" now" if playbook == "rollout" else "")
    scenario = "" if incident.get("scenario", USUAL) in (USUAL, named) else f", scenario {incident['scenario']}"
    return f"launch {template} in AWX{scenario}"


def approve(incident: Mapping[str, Any]) -> str:
    """What an approver types: C(scripts/approve 2026-11-22-checkout)."""
    usual = os.path.abspath("incidents")
    store = f"LASTGOOD_INCIDENTS={shlex.quote(incident['store'])} " if incident["store"] != usual else ""
    return f"{store}scripts/approve {incident['id']}"


def next_steps(incident: Mapping[str, Any], verdict: str, worse: bool = False) -> list[str]:
    """What can be done after a run with that verdict; the way forward again comes first where going back has made it C(worse)."""
    undo = f"Go forward again to what was serving before: {command(incident, 'undo')}"
    if verdict == RESTORED:
        watch = f"Watch it for two hours: {command(incident, 'watch')}"
        return [watch, f"Keep this state and let new pushes go live again: {command(incident, 'commit')}", undo]
    further = [
        "Try again, what is done stays done: the same command",
        f"Go back further: {command(incident, 'commit')}, then the same command without bad_at",
    ]
    call = [path(incident)] if path(incident) else []
    return [undo, *call, *further] if worse else [*call, *further, undo]
