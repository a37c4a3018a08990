# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wished of a rolling release: how things are afterwards, and the next call on the way there."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.rolling import Rollout
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.rolling_standing import Stage, Standing


@dataclass(frozen=True)
class Call:
    """One call that changes something; C(key) tells it from the others of the same wish."""

    method: str
    path: str
    body: Any
    says: str

    @property
    def key(self) -> str:
        return f"{self.method} {self.path} {self.body}"


@dataclass(frozen=True)
class Wish:
    """How things are afterwards, whether they are, and the call that brings them nearer; None where only waiting does."""

    after: Standing
    reached: Callable[[Standing], bool]
    step: Callable[[Standing], Call | None]
    back_to: str | None = None
    """The deployment that a rollback goes to."""


def read(now: Standing, options: Options) -> Wish:
    """Nothing, but to know how things are."""
    return _nothing(now)


def configured(now: Standing, options: Options) -> Wish:
    """Vercel takes a duration for each stage or for none, at least two stages that grow, and 100 % last."""
    stages = tuple(Stage(given["percentage"], given["minutes"], given["linear"]) for given in options["stages"])
    shares = [stage.percentage for stage in stages]
    if len(shares) < 2 or shares != sorted(set(shares)) or shares[0] < 1 or shares[-1] != 100:
        raise Refused(f"{', '.join(map(str, shares)) or 'nothing'} are no stages", "Give at least two that grow, the last one 100.")
    timed = [stage for stage in stages[:-1] if stage.minutes]
    if stages[-1].minutes or len(timed) not in (0, len(stages) - 1):
        raise Refused("some stages have minutes and others have none", "Give minutes for every stage but the last, or for none.")
    if not timed and any(stage.linear for stage in stages):
        raise Refused("a stage without minutes cannot shift visitors over them", "Give minutes, or leave linear out.")
    kind = "automatic" if timed else "manual-approval"
    body = {"enabled": True, "advancementType": kind, "stages": [stage.row() for stage in stages]}
    call = Call("PATCH", _path(options, "config"), body, "configuring rolling releases")
    return Wish(replace(now, stages=stages), lambda standing: standing.stages == stages, lambda standing: call)


def disabled(now: Standing, options: Options) -> Wish:
    if now.active:
        raise Refused(f"a rolling release of {now.active.canary} is under way", "Complete or abort it first.")
    call = Call("DELETE", _path(options, "config"), None, "switching rolling releases off")
    return Wish(replace(now, stages=None), lambda standing: standing.stages is None, lambda standing: call)


def started(now: Standing, options: Options) -> Wish:
    deployment = options["deployment"]
    if now.serving == deployment or (now.active and now.active.canary == deployment):
        return _nothing(now)
    if now.active:
        raise Refused(f"a rolling release of {now.active.canary} is under way", "Complete or abort it first.")
    if now.stages is None:
        raise Refused("rolling releases are not configured for this project", "Configure them first, with state: configured.")
    call = Call("POST", _path(options, "start"), {"canaryDeploymentId": deployment}, f"{deployment} starts with its first stage")
    at = datetime.now(UTC)
    rollout = Rollout("ACTIVE", deployment, now.serving, None, tuple(stage.percentage for stage in now.stages), 0, at, at)
    return Wish(
        replace(now, rollout=rollout),
        lambda standing: standing.serving == deployment or (standing.active is not None and standing.active.canary == deployment),
        lambda standing: call,
    )


def advanced(now: Standing, options: Options) -> Wish:
    """Through the stages up to the one that is named, one approval each."""
    deployment, percentage = options["deployment"], options["percentage"]
    if now.serving == deployment:
        return _nothing(now)
    rollout = _under_way(now, deployment)
    if percentage not in rollout.percentages:
        raise Refused(f"no stage gives {percentage} % of the visitors", f"Stages: {', '.join(map(str, rollout.percentages))}.")
    if rollout.percentage >= percentage:
        return _nothing(now)
    if percentage == 100:
        after = _everybody(now, rollout)
    else:
        after = replace(now, rollout=replace(rollout, stage=rollout.percentages.index(percentage)))

    def reached(standing: Standing) -> bool:
        seen = standing.of(deployment)
        return standing.serving == deployment or (percentage < 100 and seen is not None and seen.percentage >= percentage)

    def approve(standing: Standing) -> Call | None:
        seen = standing.of(deployment)
        if seen is None or not seen.active or seen.stage is None:
            return None
        body = {"activeStageIndex": seen.stage, "nextStageIndex": seen.stage + 1, "canaryDeploymentId": deployment}
        share = seen.percentages[seen.stage + 1]
        return Call("POST", _path(options, "approve-stage"), body, f"{deployment} goes on to {share} % of the visitors")

    return Wish(after, reached, approve)


def completed(now: Standing, options: Options) -> Wish:
    deployment = options["deployment"]
    if now.serving == deployment:
        return _nothing(now)
    rollout = _under_way(now, deployment)
    call = Call("POST", _path(options, "complete"), {"canaryDeploymentId": deployment}, f"{deployment} goes on to all visitors")
    return Wish(
        _everybody(now, rollout),
        lambda standing: standing.serving == deployment,
        lambda standing: call if standing.of(deployment) else None,
    )


def aborted(now: Standing, options: Options) -> Wish:
    """Back to the base for everybody: Vercel knows no other way to abort than a rollback, which also pins the project."""
    deployment, rollout = options["deployment"], now.active
    if rollout is None:
        if deployment and deployment == now.serving:
            raise Refused(f"{deployment} serves everybody already", "Go back with vercel_release.")
        return _nothing(now)
    if deployment not in (None, rollout.canary):
        raise Refused(f"the rolling release under way is that of {rollout.canary}", "Name that one, or none.")
    base = rollout.base
    if base is None:
        raise Refused("Vercel does not name the deployment that serves the others", "Go back with vercel_release.")
    call = Call("POST", f"/v1/projects/{options['project']}/rollback/{base}", {}, f"everybody goes back to {base}")
    return Wish(
        replace(now, rollout=replace(rollout, state="ABORTED", stage=None, queued=None), serving=base, held=True),
        lambda standing: standing.serving == base and not standing.active,
        lambda standing: call,
        back_to=base,
    )


def _nothing(now: Standing) -> Wish:
    return Wish(now, lambda standing: True, lambda standing: None)


def _everybody(now: Standing, rollout: Rollout) -> Standing:
    """After the last stage."""
    ended = replace(rollout, state="COMPLETE", stage=len(rollout.percentages) - 1)
    return replace(now, rollout=ended, serving=rollout.canary)


def _under_way(now: Standing, deployment: str) -> Rollout:
    if now.active is None or now.active.canary != deployment:
        raise Refused(f"no rolling release of {deployment} is under way", "Start one, with state: started.")
    return now.active


def _path(options: Options, call: str) -> str:
    return f"/v1/projects/{options['project']}/rolling-release/{call}"


WISHES: dict[str, Callable[[Standing, Options], Wish]] = {
    "read": read,
    "configured": configured,
    "disabled": disabled,
    "started": started,
    "advanced": advanced,
    "completed": completed,
    "aborted": aborted,
}
