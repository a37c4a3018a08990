"""A deploy's life: created, queued, build, update behind a health check, live; or one of the failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.artifacts import KINDS
from sandbox.clock import now_ms
from sandbox.render.book import ACTIVE, new_id
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.render import Render


def start(
    render: Render, service: Row, *, commit: Row, kind: str, trigger: str, reuse: bool = False, env: Row | None = None
) -> Row:
    """Add a deploy; it waits when another one is under way. `reuse` skips the build; `env` are an older deploy's variables."""
    busy = bool(render.book.active(service))
    deploy = deploy_record(service, commit=commit, kind=kind, trigger=trigger, at=now_ms())
    deploy.update(status="queued" if busy else "created", reuse=reuse, **({} if env is None else {"env": env}))
    render.book.deploys[deploy["id"]] = deploy
    if not busy:
        _begin(render, service, deploy)
    return deploy


def deploy_record(service: Row, *, commit: Row, kind: str, trigger: str, at: int) -> Row:
    """A deploy as it is when it was just asked for; instants in ms."""
    return {
        "id": new_id("dep-"),
        "serviceId": service["id"],
        "commit": commit,
        "kind": kind,
        "env": dict(service["env"]),
        "status": "created",
        "trigger": trigger,
        "createdAt": at,
        "updatedAt": at,
        "startedAt": None,
        "finishedAt": None,
        "artifact": False,
        "reuse": False,
    }


def _begin(render: Render, service: Row, deploy: Row) -> None:
    render.book.record(service, "deploy_started", deployId=deploy["id"], trigger={"manual": False})
    name = service["name"]
    if deploy["reuse"]:
        deploy.update(status="created", updatedAt=now_ms(), startedAt=now_ms())
        seconds = render.state.latency("render.rollback")
        render.state.later(seconds * 0.1, "render.updating", name, deploy=deploy["id"])
        render.state.later(seconds, "render.updated", name, deploy=deploy["id"])
        return
    deploy.update(status="build_in_progress", updatedAt=now_ms(), startedAt=now_ms())
    seconds = render.state.latency("render.build") * KINDS[deploy["kind"]].build_factor
    render.state.later(seconds, "render.built", name, deploy=deploy["id"])


def built(render: Render, target: str, deploy: str) -> None:
    row = render.book.deploys[deploy]
    if not KINDS[row["kind"]].builds:
        end(render, row, "build_failed")
        return
    row["artifact"] = True
    updating(render, target, deploy)
    render.state.later(render.state.latency("render.update"), "render.updated", target, deploy=deploy)


def updating(render: Render, target: str, deploy: str) -> None:
    render.book.deploys[deploy].update(status="update_in_progress", updatedAt=now_ms(), artifact=True)


def updated(render: Render, target: str, deploy: str) -> None:
    """The health check decides: a release that does not start never serves, and the old one goes on."""
    row = render.book.deploys[deploy]
    healthy = KINDS[row["kind"]].starts and not render.state.fails_now(target)
    end(render, row, "live" if healthy else "update_failed")


def end(render: Render, deploy: Row, status: str) -> None:
    """Finish a deploy; the next one that waits begins."""
    service = render.book.services[deploy["serviceId"]]
    if status == "live" and (previous := render.book.serving(service)):
        previous.update(status="deactivated", updatedAt=now_ms())
    deploy.update(status=status, updatedAt=now_ms(), finishedAt=now_ms())
    outcome = {"live": "succeeded", "canceled": "canceled"}.get(status, "failed")
    render.book.record(service, "deploy_ended", deployId=deploy["id"], deployStatus=outcome)
    waiting = render.book.active(service)
    if waiting and waiting[0]["status"] == "queued":
        _begin(render, service, waiting[0])


def cancel(render: Render, deploy: Row) -> bool:
    """Stop a deploy that has not ended; False when it has."""
    if deploy["status"] not in ACTIVE:
        return False
    render.state.forget_steps(deploy=deploy["id"])
    end(render, deploy, "canceled")
    return True


STEPS: dict[str, Callable[..., None]] = {"built": built, "updating": updating, "updated": updated}
