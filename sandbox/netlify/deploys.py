"""Deploys: list, read, restore, lock, cancel, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.netlify import publishing
from sandbox.netlify.book import FINISHED, deploy_row, paged, touch
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.netlify import Netlify

_STATES = ["new", "pending_review", "accepted", "rejected", "enqueued", "building", "uploading", "uploaded", "preparing"]
_STATES += ["prepared", "processing", "processed", "ready", "error", "retrying"]


def list_deploys(netlify: Netlify, call: Call) -> Reply:
    """`state=ready` finds no `old` ones, and `production=true` those of the CLI, too."""
    site = netlify.book.site(call.match["site_id"])
    rows, query = netlify.book.of_site(site), call.query
    if "state" in query and query["state"] not in _STATES:
        raise Refusal(422, f"Invalid state: {query['state']}")
    for field, wanted in (("state", query.get("state")), ("branch", query.get("branch"))):
        rows = [d for d in rows if not wanted or d[field] == wanted]
    if query.get("production") == "true":
        rows = [d for d in rows if d["context"] == "production"]
    if query.get("deploy-previews") == "true":
        rows = [d for d in rows if d["context"] == "deploy-preview"]
    if query.get("latest-published") == "true":
        rows = [d for d in rows if d["id"] == site["published"]]
    return paged([deploy_row(d) for d in rows], call)


def _deploy(netlify: Netlify, call: Call) -> Row:
    site = netlify.book.site(call.match["site_id"]) if "site_id" in call.match else None
    return netlify.book.deploy(call.match["deploy_id"], site)


def get_deploy(netlify: Netlify, call: Call) -> Row:
    return deploy_row(_deploy(netlify, call))


def restore(netlify: Netlify, call: Call) -> Reply:
    """Publish a deploy again, under its old id. Pushes are not held afterwards, whatever they were before."""
    site, deploy = netlify.book.site(call.match["site_id"]), _deploy(netlify, call)
    if deploy["state"] not in FINISHED and deploy["pending"] is None:
        raise Refusal(422, f"Deploy cannot be published: it is {deploy['state']}")
    publishing.begin_restore(netlify, site, deploy)
    return Reply(201, deploy_row(deploy))


def roll_back(netlify: Netlify, call: Call) -> Reply:
    """Publish what was published before the current deploy: asked twice, it comes back to where it was."""
    site = netlify.book.site(call.match["site_id"])
    before = [id for id in site["history"] if id != site["published"] and id in netlify.book.deploys]
    if not before:
        raise Refusal(404, "Not Found")
    publishing.begin_restore(netlify, site, netlify.book.deploys[before[-1]])
    return Reply(204)


def lock(netlify: Netlify, call: Call) -> Row:
    return _set_lock(_deploy(netlify, call), True)


def unlock(netlify: Netlify, call: Call) -> Row:
    """What was built meanwhile stays unpublished until somebody publishes it."""
    return _set_lock(_deploy(netlify, call), False)


def _set_lock(deploy: Row, locked: bool) -> Row:
    touch(deploy, locked=locked)
    return deploy_row(deploy)


def cancel(netlify: Netlify, call: Call) -> Reply:
    deploy = _deploy(netlify, call)
    if not publishing.cancel(netlify, deploy):
        raise Refusal(422, f"Deploy cannot be canceled: it is {deploy['state']}")
    return Reply(201, deploy_row(deploy))


def delete(netlify: Netlify, call: Call) -> Reply:
    """It is gone from every list."""
    deploy = _deploy(netlify, call)
    if netlify.book.sites[deploy["site_id"]]["published"] == deploy["id"]:
        raise Refusal(422, "The published deploy cannot be deleted")
    netlify.state.forget_steps(deploy=deploy["id"])
    del netlify.book.deploys[deploy["id"]]
    return Reply(204)


_ALL = "/api/v1/sites/{site_id}/deploys"
_ONE = "/api/v1/deploys/{deploy_id}"
ROUTES: list[Route] = [
    ("GET", _ALL, list_deploys),
    ("GET", _ALL + "/{deploy_id}", get_deploy),
    ("DELETE", _ALL + "/{deploy_id}", delete),
    ("POST", _ALL + "/{deploy_id}/restore", restore),
    ("PUT", "/api/v1/sites/{site_id}/rollback", roll_back),
    ("GET", _ONE, get_deploy),
    ("DELETE", _ONE, delete),
    ("POST", _ONE + "/lock", lock),
    ("POST", _ONE + "/unlock", unlock),
    ("POST", _ONE + "/cancel", cancel),
]
