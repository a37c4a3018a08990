# SPDX-License-Identifier: GPL-3.0-or-later
"""Approvals that were given on approval nodes of AWX, and whether they count for the request that is open."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.approval import SLACK, Approval, Request
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.awx_workflow import Awx, Node, Workflow
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.readable import MISREAD

KEY = "AWX workflow approval "
"""What an approval that was given in AWX has in the place of a key, before its number."""
WAITING = ("new", "pending", "waiting", "running")


@dataclass(frozen=True)
class Given:
    """What the workflow of a job has to say: who launched it, which approvals count, and why the others do not."""

    launched_by: str
    counted: tuple[Approval, ...]
    refused: tuple[str, ...]


class DoesNotCount(Exception):
    """The message says why, as the end of a sentence about the node."""


def given(
    settings: Mapping[str, Any],
    job: int,
    request: Request,
    roles: Mapping[str, Sequence[str]],
    minutes: float,
    at: datetime,
    running: bool,
    run: Run,
) -> Given:
    """Never raises: whatever AWX does not say is no approval. C(running): the job must be running now, and not one of an earlier run."""
    try:
        awx = Awx(settings["url"], run)
        workflow = awx.workflow(job)
        if running and not workflow.running:
            return Given("", (), (f"AWX says that job {job} is not running: its approvals are not for this run",))
        return _judged(awx.teams, settings.get("teams") or {}, workflow, request, roles, timedelta(minutes=minutes), at)
    except RecoveryError as error:
        return Given("", (), (f"no approval of AWX counts: {error.message}. {error.hint or ''}".rstrip(". "),))
    except MISREAD as misread:
        return Given("", (), (f"no approval of AWX counts: it answered in a form that is not its API's ({type(misread).__name__})",))


def _judged(
    teams_of: Callable[[int], list[str]],
    teams: Mapping[str, Sequence[str]],
    workflow: Workflow,
    request: Request,
    roles: Mapping[str, Sequence[str]],
    lasts: timedelta,
    at: datetime,
) -> Given:
    counted, refused = [], []
    for node in workflow.approvals:
        try:
            time = _counts(node, workflow, request, lasts, at)
            mine = teams_of(node.person_id) if teams and node.person_id is not None else []
            held = tuple(role for role in roles if node.person in roles[role] or set(mine) & set(teams.get(role, ())))
            if not held:
                raise DoesNotCount(f"was given by {node.person}, who has none of the roles {', '.join(roles)}")
            counted.append(Approval(node.person, held, f"{KEY}{node.id}", moment.iso(time)))
        except DoesNotCount as why:
            refused.append(f"approval {node.id} of AWX ({node.name}) does not count: it {why}")
    if not workflow.approvals:
        refused.append(f"workflow job {workflow.id} of AWX has no approval node before this job")
    return Given(workflow.launched_by, tuple(counted), tuple(refused))


def _counts(node: Node, workflow: Workflow, request: Request, lasts: timedelta, at: datetime) -> datetime:
    """When it was given."""
    if node.status in WAITING:
        raise DoesNotCount("has not been given yet")
    if node.timed_out:
        raise DoesNotCount("has timed out")
    if node.status != "successful":
        raise DoesNotCount(f"was denied by {node.person}" if node.status == "failed" and node.person else f"is {node.status}")
    if not node.person:
        raise DoesNotCount("does not say who gave it")
    if node.person == workflow.launched_by:
        raise DoesNotCount("was given by whoever launched the workflow: somebody else must approve")
    if {node.person, node.person.partition("@")[0]} & request.requesters:
        raise DoesNotCount("was given by whoever runs this: somebody else must approve")
    if not node.plan:
        raise DoesNotCount("is for no plan: no job before it has handed one on")
    if node.plan != request.plan:
        raise DoesNotCount(f"is for another plan, {node.plan[:8]}; this one is {request.plan[:8]}")
    time = moment.parse(node.at)
    if at + SLACK < time:
        raise DoesNotCount(f"is not valid before {moment.iso(time)}")
    if at >= time + lasts:
        raise DoesNotCount(f"has expired at {moment.iso(time + lasts)}")
    return time
