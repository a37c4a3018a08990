"""Deploys: list, read, start, cancel, roll back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.render import rollout
from sandbox.render.book import deploy_row, within, wrapped
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.render import Render


def list_deploys(render: Render, call: Call) -> list[Row]:
    rows = render.book.of_service(render.book.service(call.match["serviceId"]))
    if statuses := call.repeated("status"):
        rows = [d for d in rows if d["status"] in statuses]
    for name in ("created", "updated", "finished"):
        rows = within(rows, call, f"{name}At", name)
    return wrapped("deploy", rows, call, deploy_row)


def get_deploy(render: Render, call: Call) -> Row:
    return deploy_row(_deploy(render, call))


def _deploy(render: Render, call: Call) -> Row:
    return render.book.deploy(render.book.service(call.match["serviceId"]), call.match["deployId"])


def create_deploy(render: Render, call: Call) -> Reply:
    """Build a commit, the newest push by default; behind a running deploy the answer is an empty 202."""
    service = render.book.service(call.match["serviceId"])
    body = call.body or {}
    if body.get("clearCache", "do_not_clear") not in ("clear", "do_not_clear"):
        raise Refusal(400, "invalid clearCache")
    if body.get("imageUrl"):
        raise Refusal(400, "imageUrl is only supported for image-backed services")
    if service["suspended"] == "suspended":
        raise Refusal(400, "cannot deploy a suspended service")
    busy = bool(render.book.active(service))
    source = _source(render, service, body.get("commitId"))
    reuse = body.get("deployMode") == "deploy_only"
    deploy = rollout.start(render, service, **source, trigger="api", reuse=reuse)
    return Reply(202) if busy else Reply(201, deploy_row(deploy))


def _source(render: Render, service: Row, commit: str | None) -> Row:
    if commit is None:
        head: Row = service["head"]
        return head
    known = [service["head"], *render.book.of_service(service)]
    for row in known:
        if row["commit"]["id"] == commit:
            return {"commit": row["commit"], "kind": row["kind"]}
    raise Refusal(400, f"invalid commit: {commit}")


def cancel_deploy(render: Render, call: Call) -> Row:
    deploy = _deploy(render, call)
    if not rollout.cancel(render, deploy):
        raise Refusal(400, f"deploy {deploy['id']} cannot be canceled: it is {deploy['status']}")
    return deploy_row(deploy)


def roll_back(render: Render, call: Call) -> Reply:
    """A new deploy of an old build. The service's settings stay, and so does auto-deploy: the next push goes live."""
    service = render.book.service(call.match["serviceId"])
    id = (call.body or {}).get("deployId")
    if not id:
        raise Refusal(400, "missing deployId")
    wanted = render.book.deploy(service, id)
    if wanted["status"] not in ("live", "deactivated"):
        raise Refusal(400, f"cannot roll back to deploy {id}: it never went live")
    if not render.book.has_artifact(wanted):
        raise Refusal(400, f"cannot roll back to deploy {id}: its build is no longer retained")
    if service["suspended"] == "suspended":
        raise Refusal(400, "cannot roll back a suspended service")
    source = {"commit": wanted["commit"], "kind": wanted["kind"]}
    return Reply(201, deploy_row(rollout.start(render, service, **source, trigger="rollback", reuse=True, env=wanted["env"])))


_SERVICE = "/v1/services/{serviceId}"
ROUTES: list[Route] = [
    ("GET", _SERVICE + "/deploys", list_deploys),
    ("POST", _SERVICE + "/deploys", create_deploy),
    ("GET", _SERVICE + "/deploys/{deployId}", get_deploy),
    ("POST", _SERVICE + "/deploys/{deployId}/cancel", cancel_deploy),
    ("POST", _SERVICE + "/rollback", roll_back),
]
