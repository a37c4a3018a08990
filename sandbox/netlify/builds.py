"""Builds: start one, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.netlify import publishing
from sandbox.netlify.book import build_row, paged
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.netlify import Netlify


def list_builds(netlify: Netlify, call: Call) -> Reply:
    rows = netlify.book.of_site(netlify.book.site(call.match["site_id"]))
    return paged([build_row(deploy) for deploy in rows if deploy["build_id"]], call)


def create_build(netlify: Netlify, call: Call) -> Row:
    """Build the newest push again, with today's variables; nothing else can be asked for, and the deploy does not say what it was."""
    site = netlify.book.site(call.match["site_id"])
    if site["build_settings"]["stop_builds"]:
        raise Refusal(422, "Builds are stopped for this site")
    head = {**site["head"], "title": call.query.get("title") or site["head"]["title"]}
    return build_row(publishing.start(netlify, site, **head, branch=call.query.get("branch", ""), pushed=False))


def get_build(netlify: Netlify, call: Call) -> Row:
    for deploy in netlify.book.deploys.values():
        if deploy["build_id"] == call.match["build_id"]:
            return build_row(deploy)
    raise Refusal(404, "Not Found")


ROUTES: list[Route] = [
    ("GET", "/api/v1/sites/{site_id}/builds", list_builds),
    ("POST", "/api/v1/sites/{site_id}/builds", create_build),
    ("GET", "/api/v1/builds/{build_id}", get_build),
]
