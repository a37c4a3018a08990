"""Aliases: which deployment a domain shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Route
from sandbox.state import Row
from sandbox.vercel.book import alias_row, new_id, page, point

if TYPE_CHECKING:
    from sandbox.vercel import Vercel


def list_aliases(vercel: Vercel, call: Call) -> Row:
    rows = list(vercel.book.aliases.values())
    if domains := call.repeated("domain"):
        rows = [alias for alias in rows if alias["alias"] in domains]
    if project := call.query.get("projectId"):
        rows = [alias for alias in rows if alias["projectId"] == project]
    shown, pagination = page(sorted(rows, key=lambda alias: -alias["createdAt"]), call)
    return {"aliases": [alias_row(vercel.book, alias) for alias in shown], "pagination": pagination}


def get_alias(vercel: Vercel, call: Call) -> Row:
    wanted = call.match["idOrAlias"]
    for alias in vercel.book.aliases.values():
        if wanted in (alias["alias"], alias["uid"]):
            return alias_row(vercel.book, alias)
    raise Refusal(404, "The alias could not be found.", "not_found")


def list_deployment_aliases(vercel: Vercel, call: Call) -> Row:
    rows = [alias_row(vercel.book, a) for a in vercel.book.aliases_of(vercel.book.deployment(call.match["id"]))]
    return {"aliases": [{key: row[key] for key in ("uid", "alias", "created", "redirect")} for row in rows]}


def assign_alias(vercel: Vercel, call: Call) -> Row:
    """Point a domain by hand: from now on neither a push nor a rollback moves it."""
    deployment = vercel.book.deployment(call.match["id"])
    name = (call.body or {}).get("alias")
    if not name:
        raise Refusal(400, "Invalid request: missing required property `alias`.", "bad_request")
    if deployment["readyState"] != "READY":
        raise Refusal(400, "The deployment is not ready.", "deployment_not_ready")
    alias = vercel.book.aliases.get(name)
    old = alias["deploymentId"] if alias else None
    if alias is None:
        alias = vercel.book.aliases[name] = alias_of(name, deployment, now_ms())
    point(alias, deployment)
    alias["manual"] = True
    row = alias_row(vercel.book, alias)
    return {"uid": row["uid"], "alias": name, "created": row["created"], "oldDeploymentId": old}


def alias_of(domain: str, deployment: Row, at: int) -> Row:
    """A fresh alias that follows its project's production."""
    return {
        "uid": new_id("als_", 16),
        "alias": domain,
        "deploymentId": deployment["id"],
        "projectId": deployment["projectId"],
        "manual": False,
        "createdAt": at,
        "updatedAt": at,
    }


ROUTES: list[Route] = [
    ("GET", "/v4/aliases", list_aliases),
    ("GET", "/v4/aliases/{idOrAlias}", get_alias),
    ("GET", "/v2/deployments/{id}/aliases", list_deployment_aliases),
    ("POST", "/v2/deployments/{id}/aliases", assign_alias),
]
