"""Rolling releases: a canary gets a growing share of the visitors, stage after stage; the base keeps the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Route
from sandbox.state import Row
from sandbox.vercel import production
from sandbox.vercel.book import Book

if TYPE_CHECKING:
    from sandbox.vercel import Vercel

MINUTE = "vercel.minute"
"""The latency that a minute of a stage takes."""


def newest(project: Row) -> Row | None:
    """The rolling release that is under way, or the last one that was."""
    runs: list[Row] = project.get("rollingReleases", [])
    return runs[-1] if runs else None


def active(project: Row) -> Row | None:
    run = newest(project)
    return run if run and run["state"] == "ACTIVE" else None


def applies(project: Row) -> bool:
    """Whether the next production deployment is rolled out in stages: the first one ever has no base."""
    return bool(project.get("rollingRelease") and project["production"])


def begin(vercel: Vercel, project: Row, canary: Row) -> None:
    """Start with the first stage; behind one that is under way it waits."""
    if run := active(project):
        run["queued"] = canary["id"]
        return
    stages = project["rollingRelease"]["stages"]
    automatic = any("duration" in stage for stage in stages)
    run = {
        "state": "ACTIVE",
        "base": project["production"],
        "canary": canary["id"],
        "queued": None,
        "advancementType": "automatic" if automatic else "manual-approval",
        "stages": stages,
        "active": 0,
        "startedAt": now_ms(),
        "updatedAt": now_ms(),
    }
    project.setdefault("rollingReleases", []).append(run)
    canary["readySubstate"] = "ROLLING"
    _clock(vercel, project, run)


def _clock(vercel: Vercel, project: Row, run: Row) -> None:
    """Arrange the next stage where stages follow each other by themselves; configured in minutes."""
    minutes = run["stages"][run["active"]].get("duration")
    if run["advancementType"] == "automatic" and minutes:
        seconds = minutes * vercel.state.latency(MINUTE)
        vercel.state.later(seconds, "vercel.stage_ends", project["name"], canary=run["canary"], stage=run["active"])


def stage_ends(vercel: Vercel, target: str, canary: str, stage: int) -> None:
    run = active(vercel.book.project(target))
    if run and (run["canary"], run["active"]) == (canary, stage):
        _advance(vercel, vercel.book.project(target), run, stage + 1)


def _advance(vercel: Vercel, project: Row, run: Row, stage: int) -> None:
    run.update(active=stage, updatedAt=now_ms())
    if run["stages"][stage]["targetPercentage"] == 100:
        _end(vercel, project, run, "COMPLETE")
    else:
        _clock(vercel, project, run)


def _end(vercel: Vercel, project: Row, run: Row, state: str) -> None:
    run.update(state=state, updatedAt=now_ms())
    canary = vercel.book.deployments[run["canary"]]
    if state == "COMPLETE":
        run["active"] = len(run["stages"]) - 1
        production.publish(vercel.book, project, canary)
        if run["queued"]:
            begin(vercel, project, vercel.book.deployments[run["queued"]])
    else:
        canary["readySubstate"] = "STAGED"


def abort(vercel: Vercel, project: Row) -> None:
    """A rollback ends what is under way, and with it what waits behind."""
    if run := active(project):
        _end(vercel, project, run, "ABORTED")


def get_release(vercel: Vercel, call: Call) -> Row:
    run = newest(vercel.book.project(call.match["idOrName"]))
    wanted = call.query.get("state")
    return {"rollingRelease": _row(vercel.book, run) if run and wanted in (None, run["state"]) else None}


def _row(book: Book, run: Row) -> Row:
    count, under_way = len(run["stages"]), run["state"] == "ACTIVE"
    stages = [_stage(stage, number, number == count - 1, run) for number, stage in enumerate(run["stages"])]
    return {
        "state": run["state"],
        "currentDeployment": _deployment(book.deployments[run["base"]]),
        "canaryDeployment": _deployment(book.deployments[run["canary"]]),
        "queuedDeploymentId": run["queued"],
        "advancementType": run["advancementType"],
        "stages": stages,
        "activeStage": None if run["state"] == "ABORTED" else stages[run["active"]],
        "nextStage": stages[run["active"] + 1] if under_way else None,
        "startedAt": run["startedAt"],
        "updatedAt": run["updatedAt"],
    }


def _stage(stage: Row, index: int, last: bool, run: Row) -> Row:
    """A stage of a rolling release: its duration is in seconds, that of the configuration in minutes."""
    minutes = stage.get("duration")
    return {
        "index": index,
        "isFinalStage": last,
        "targetPercentage": stage["targetPercentage"],
        "requireApproval": not last and run["advancementType"] == "manual-approval",
        "duration": None if minutes is None or last else minutes * 60,
        "linearShift": stage.get("linearShift", False),
    }


def _deployment(deployment: Row) -> Row:
    known = {key: deployment[key] for key in ("id", "name", "url", "target", "source", "createdAt", "readyState")}
    return {**known, "readyStateAt": deployment["ready"]}


def get_config(vercel: Vercel, call: Call) -> Row:
    return {"rollingRelease": vercel.book.project(call.match["idOrName"]).get("rollingRelease")}


def set_config(vercel: Vercel, call: Call) -> Row:
    """Concerns the next production deployment only, also when it switches them off."""
    project, body = vercel.book.project(call.match["idOrName"]), call.body or {}
    if project["plan"] == "hobby":
        raise Refusal(403, "Rolling Releases are not available on your plan.", "forbidden")
    project["rollingRelease"] = _config(body) if body.get("enabled") else None
    return get_config(vercel, call)


def _config(body: Row) -> Row:
    kind, stages = body.get("advancementType"), body.get("stages") or []
    if kind not in ("automatic", "manual-approval"):
        raise Refusal(400, "Invalid request: `advancementType` should be automatic or manual-approval.", "bad_request")
    shares = [stage.get("targetPercentage") for stage in stages]
    if len(shares) < 2 or shares != sorted(set(shares)) or shares[-1] != 100:
        raise Refusal(400, "Invalid request: `stages` should be at least two, growing, the last one 100.", "bad_request")
    if kind == "automatic" and not all(stage.get("duration") for stage in stages[:-1]):
        raise Refusal(400, "Invalid request: an automatic stage needs a `duration`.", "bad_request")
    approved = {"requireApproval": True} if kind == "manual-approval" else {}
    return {"target": "production", "stages": [*({**stage, **approved} for stage in stages[:-1]), stages[-1]]}


def delete_config(vercel: Vercel, call: Call) -> Row:
    vercel.book.project(call.match["idOrName"])["rollingRelease"] = None
    return get_config(vercel, call)


def start(vercel: Vercel, call: Call) -> Row:
    """Asked again for the same canary it answers the same."""
    project = vercel.book.project(call.match["idOrName"])
    canary = vercel.book.deployment((call.body or {}).get("canaryDeploymentId", ""))
    if not project.get("rollingRelease"):
        raise Refusal(400, "Rolling Releases are not enabled for this project.", "bad_request")
    run = active(project)
    if run and run["canary"] != canary["id"]:
        raise Refusal(409, "Another rolling release is active.", "conflict")
    if not run:
        if canary["target"] != "production" or canary["readyState"] != "READY" or project["production"] in (None, canary["id"]):
            raise Refusal(422, "The deployment is not eligible for a rolling release.", "unprocessable_entity")
        begin(vercel, project, canary)
    return get_release(vercel, call)


def approve_stage(vercel: Vercel, call: Call) -> Row:
    project, run = _active(vercel, call)
    if (call.body or {}).get("nextStageIndex") != run["active"] + 1:
        raise Refusal(400, "The rolling release is not at the stage before that.", "bad_request")
    _advance(vercel, project, run, run["active"] + 1)
    return get_release(vercel, call)


def complete(vercel: Vercel, call: Call) -> Row:
    project, run = _active(vercel, call)
    _end(vercel, project, run, "COMPLETE")
    return get_release(vercel, call)


def _active(vercel: Vercel, call: Call) -> tuple[Row, Row]:
    project = vercel.book.project(call.match["idOrName"])
    run = active(project)
    if not run or run["canary"] != (call.body or {}).get("canaryDeploymentId"):
        raise Refusal(404, "There is no active rolling release of this deployment.", "not_found")
    return project, run


_ROLLING = "/v1/projects/{idOrName}/rolling-release"
ROUTES: list[Route] = [
    ("GET", _ROLLING, get_release),
    ("POST", _ROLLING + "/start", start),
    ("POST", _ROLLING + "/approve-stage", approve_stage),
    ("POST", _ROLLING + "/complete", complete),
    ("GET", _ROLLING + "/config", get_config),
    ("PATCH", _ROLLING + "/config", set_config),
    ("DELETE", _ROLLING + "/config", delete_config),
]
STEPS: dict[str, Callable[..., None]] = {"stage_ends": stage_ends}
