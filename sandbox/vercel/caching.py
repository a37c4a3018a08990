"""Caches: the edge cache and the data cache can be purged, and what was purged is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.vercel import Vercel


def purge_edge(vercel: Vercel, call: Call) -> Reply:
    return _purge(vercel, call, "edge cache")


def purge_data(vercel: Vercel, call: Call) -> Reply:
    return _purge(vercel, call, "data cache")


def invalidate_tags(vercel: Vercel, call: Call) -> Reply:
    body = call.body or {}
    tags = body.get("tags")
    tags = tags.split(",") if isinstance(tags, str) else tags
    if not tags or len(tags) > 16 or any(not isinstance(tag, str) or len(tag) > 256 for tag in tags):
        raise Refusal(400, "Invalid request: `tags` should be 1 to 16 texts of up to 256 characters.", "bad_request")
    if body.get("target", "production") not in ("production", "preview"):
        raise Refusal(400, "Invalid request: `target` should be production or preview.", "bad_request")
    return _purge(vercel, call, "tags", tags=tags)


def _purge(vercel: Vercel, call: Call, what: str, **details: list[str]) -> Reply:
    if not call.query.get("projectIdOrName"):
        raise Refusal(400, "Invalid request: missing required property `projectIdOrName`.", "bad_request")
    purged: Row = {"at": now_ms(), "what": what, **details}
    vercel.book.project(call.query["projectIdOrName"]).setdefault("purges", []).append(purged)
    return Reply(200)


ROUTES: list[Route] = [
    ("POST", "/v1/edge-cache/purge-all", purge_edge),
    ("DELETE", "/v1/data-cache/purge-all", purge_data),
    ("POST", "/v1/edge-cache/invalidate-by-tags", invalidate_tags),
]
