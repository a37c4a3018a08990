# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose approvals count: those that were signed, and those given on approval nodes of AWX, each person once."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import approval, approval_node, awx_workflow, signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approval import Approval, Request
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.requirements import Requirements
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run


@dataclass(frozen=True)
class Job:
    """A job of AWX whose workflow's approval nodes are looked at; C(earlier) when it is that of a run that is taken up again."""

    id: int
    earlier: bool


def job_of(required: Requirements, begun: Mapping[str, Any] | None) -> Job | None:
    """The job with which it was C(begun), by the journal's event C(approved), else this run's own. None outside AWX."""
    if not required.awx:
        return None
    if begun and begun.get("awx_job"):
        return Job(begun["awx_job"], True)
    own = awx_workflow.own_job()
    return Job(own, False) if own else None


def count(
    incident: Incident | None, asked: Request, required: Requirements, at: datetime, job: Job | None, run: Run
) -> tuple[list[Approval], list[str]]:
    """Those that count, each person and each key once; and of the others why not."""
    refused: list[str] = []
    found: list[Approval] = []
    roles = {role: required.roles.get(role, []) for role in required.needs}
    if job:
        nodes = approval_node.given(required.awx, job.id, asked, roles, required.minutes, at, not job.earlier, run)
        found, refused = [*nodes.counted], [*nodes.refused]
        asked = replace(asked, requesters=asked.requesters | ({nodes.launched_by} if nodes.launched_by else set()))
    elif required.awx and not required.signers:
        refused = ["this is not a job of AWX, whose approval nodes are to count"]
    if incident and required.signers:
        for name, content, armoured in approval.kept(incident):
            try:
                found.append(approval.judge(content, armoured, asked, roles, required.signers, required.revoked, at))
            except signature.BadSignature as error:
                refused.append(f"{name} does not count: it {error}")
    counted: list[Approval] = []
    for one in found:
        if not any(_same(one, other) for other in counted):
            counted.append(one)
    return sorted(counted, key=lambda one: one.at), refused


def _same(one: Approval, other: Approval) -> bool:
    """Whether it is one person: a user of AWX and the owner of a key are where their names are the same up to the @."""
    if one.key.startswith(approval_node.KEY) != other.key.startswith(approval_node.KEY):
        return one.approver.partition("@")[0] == other.approver.partition("@")[0]
    return one.key == other.key or one.approver == other.approver
