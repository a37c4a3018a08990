"""Projects: settings, the production pointer, pausing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.state import Row
from sandbox.vercel.book import detailed, page, project_row

if TYPE_CHECKING:
    from sandbox.vercel import Vercel

_SETTINGS: dict[str, type] = {"autoAssignCustomDomains": bool, "name": str}


def list_projects(vercel: Vercel, call: Call) -> Row:
    wanted = call.query.get("search", "")
    rows = [p for p in vercel.book.projects.values() if wanted in p["name"]]
    shown, pagination = page(sorted(rows, key=lambda p: -p["updatedAt"]), call, created="updatedAt")
    return {"projects": [project_row(vercel.book, p) for p in shown], "pagination": pagination}


def get_project(vercel: Vercel, call: Call) -> Row:
    project = vercel.book.project(call.match["idOrName"])
    return project_row(vercel.book, project, rollback_info=call.query.get("rollbackInfo") == "true")


def update_project(vercel: Vercel, call: Call) -> Row:
    project = vercel.book.project(call.match["idOrName"])
    for name, value in (call.body or {}).items():
        if name not in _SETTINGS:
            raise Refusal(400, f"The sandbox has no setting `{name}`.", "bad_request")
        if not isinstance(value, _SETTINGS[name]):
            raise Refusal(400, f"Invalid request: `{name}` should be {_SETTINGS[name].__name__}.", "bad_request")
    project.update(call.body or {}, updatedAt=now_ms())
    return project_row(vercel.book, project)


def production_deployment(vercel: Vercel, call: Call) -> Row:
    project = vercel.book.project(call.match["idOrName"])
    if not project["production"]:
        raise Refusal(404, "The project has no production deployment.", "not_found")
    return {"deployment": detailed(vercel.book, vercel.book.deployments[project["production"]])}


def list_domains(vercel: Vercel, call: Call) -> Row:
    project = vercel.book.project(call.match["idOrName"])
    rows = [
        {
            "name": domain,
            "apexName": ".".join(domain.split(".")[-2:]),
            "projectId": project["id"],
            "redirect": None,
            "gitBranch": None,
            "customEnvironmentId": None,
            "createdAt": project["createdAt"],
            "updatedAt": project["createdAt"],
            "verified": True,
        }
        for domain in project["domains"]
    ]
    return {"domains": rows, "pagination": {"count": len(rows), "next": None, "prev": None}}


def pause(vercel: Vercel, call: Call) -> Reply:
    """Pausing also stops the assignment of domains to new builds."""
    return _set_paused(vercel, call, True)


def unpause(vercel: Vercel, call: Call) -> Reply:
    """Unpausing starts the assignment of domains again, and so lets go of a rollback."""
    return _set_paused(vercel, call, False)


def _set_paused(vercel: Vercel, call: Call, paused: bool) -> Reply:
    try:
        project = vercel.book.project(call.match["projectId"])
    except Refusal as missing:
        raise Refusal(400, missing.message, "bad_request") from None
    project.update(paused=paused, autoAssignCustomDomains=not paused, updatedAt=now_ms())
    return Reply(200)


ROUTES: list[Route] = [
    ("GET", "/{version:v9|v10}/projects", list_projects),
    ("GET", "/v9/projects/{idOrName}", get_project),
    ("PATCH", "/v9/projects/{idOrName}", update_project),
    ("GET", "/v9/projects/{idOrName}/domains", list_domains),
    ("GET", "/projects/{idOrName}/production-deployment", production_deployment),
    ("POST", "/v1/projects/{projectId}/pause", pause),
    ("POST", "/v1/projects/{projectId}/unpause", unpause),
]
