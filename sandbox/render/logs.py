"""Logs by service and time, newest first unless asked otherwise, page after page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import from_iso, iso, now_ms
from sandbox.emulator import Call, Refusal, Route
from sandbox.logs import said
from sandbox.render.book import OWNER
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.render import Render

HOUR = 3_600_000


def list_logs(render: Render, call: Call) -> Row:
    """`nextStartTime` and `nextEndTime` lead to the next page while `hasMore`."""
    if call.query.get("ownerId") != OWNER["id"] or not call.repeated("resource"):
        raise Refusal(400, "ownerId and resource are required")
    direction, limit = call.query.get("direction", "backward"), call.number("limit", 20)
    if direction not in ("backward", "forward") or not 1 <= limit <= 100:
        raise Refusal(400, "invalid direction or limit")
    try:
        end = from_iso(call.query["endTime"]) if "endTime" in call.query else now_ms()
        start = from_iso(call.query["startTime"]) if "startTime" in call.query else end - HOUR
    except ValueError:
        raise Refusal(400, "invalid time") from None
    types = call.repeated("type")
    rows = [row for id in call.repeated("resource") for row in _lines(render, render.book.service(id))]
    rows = [row for row in rows if start <= row["at"] <= end and (not types or row["type"] in types)]
    rows.sort(key=lambda row: row["at"], reverse=direction == "backward")
    shown, rest = rows[:limit], rows[limit:]
    if rest:
        start, end = (start, rest[0]["at"]) if direction == "backward" else (rest[0]["at"], end)
    return {
        "hasMore": bool(rest),
        "nextStartTime": iso(start),
        "nextEndTime": iso(end),
        "logs": [_row(row) for row in shown],
    }


def _row(row: Row) -> Row:
    labels = {"resource": row["service"], "type": row["type"], "level": row["level"], "instance": f"{row['service']}-1"}
    return {
        "id": row["id"],
        "message": row["text"],
        "timestamp": iso(row["at"]),
        "labels": [{"name": name, "value": value} for name, value in labels.items()],
    }


def _lines(render: Render, service: Row) -> list[Row]:
    """What each deploy said while it was built, and from the instant on at which it was live or failed its health check."""
    rows: list[Row] = []
    for deploy in render.book.of_service(service):
        built = [] if deploy["reuse"] else [f"==> Cloning commit {deploy['commit']['id'][:7]}", "==> Running build command 'npm run build'"]
        if deploy["status"] == "build_failed":
            built.append("==> Build failed")
        lines = [("build", "info", text, deploy["createdAt"] + number) for number, text in enumerate(built)]
        if deploy["finishedAt"] and deploy["status"] in ("live", "deactivated", "update_failed"):
            for number, line in enumerate(said(deploy["kind"], deploy["env"])):
                text = f"[{' '.join(map(str, line.request))}] {line.text}".strip() if line.request else line.text
                lines.append(("request" if line.request else "app", line.level, text, deploy["finishedAt"] + number))
        rows += [
            {"id": f"{deploy['id']}-{number}", "service": service["id"], "type": type, "level": level, "text": text, "at": at}
            for number, (type, level, text, at) in enumerate(lines)
        ]
    return rows


ROUTES: list[Route] = [("GET", "/v1/logs", list_logs)]
