"""Instatus: statuses in capitals, and updates beside the incident that they belong to."""

from __future__ import annotations

from typing import ClassVar

from sandbox.emulator import Bucket, Call, Refusal, Route
from sandbox.state import Row
from sandbox.telling import Telling, body_of, now

PAGE = "ckf01fonve9i40a32oas5b0uw"
COMPONENTS = {"ins-storefront": "Storefront", "ins-api": "API", "ins-payments": "Payments"}
STATUSES = ("INVESTIGATING", "IDENTIFIED", "MONITORING", "RESOLVED")
COMPONENT_STATUSES = ("OPERATIONAL", "UNDERMAINTENANCE", "DEGRADEDPERFORMANCE", "PARTIALOUTAGE", "MINOROUTAGE", "MAJOROUTAGE")


def list_components(vendor: Instatus, call: Call) -> list[Row]:
    vendor.check_page(call)
    return list(vendor.rows["components"].values())


def list_incidents(vendor: Instatus, call: Call) -> list[Row]:
    vendor.check_page(call)
    return [vendor.shown(row) for row in reversed(vendor.rows["incidents"].values())]


def get_incident(vendor: Instatus, call: Call) -> Row:
    return vendor.shown(vendor.incident(call))


def create_incident(vendor: Instatus, call: Call) -> Row:
    vendor.check_page(call)
    given = vendor.checked(call)
    if not given.get("name"):
        raise Refusal(400, "name is required")
    row = {"id": vendor.new_id(), "name": given["name"], "started": given.get("started", now()), "resolved": None, "updates": []}
    vendor.rows["incidents"][row["id"]] = {**row, "component_ids": given.get("components", [])}
    return vendor.shown(vendor.update(vendor.rows["incidents"][row["id"]], given))


def add_update(vendor: Instatus, call: Call) -> Row:
    row = vendor.update(vendor.incident(call), vendor.checked(call))
    update: Row = row["updates"][-1]
    return update


class Instatus(Telling):
    """The API of api.instatus.com as far as incidents go."""

    name = "instatus"
    tokens = ("sandbox-instatus-key",)
    routes: ClassVar[list[Route]] = [
        ("GET", "/v1/{page_id}/components", list_components),
        ("GET", "/v1/{page_id}/incidents", list_incidents),
        ("POST", "/v1/{page_id}/incidents", create_incident),
        ("GET", "/v1/{page_id}/incidents/{incident_id}", get_incident),
        ("POST", "/v1/{page_id}/incidents/{incident_id}/incident-updates", add_update),
    ]

    @classmethod
    def history(cls, friday: int) -> Row:
        components = {id: {"id": id, "name": name, "status": "OPERATIONAL", "showUptime": True} for id, name in COMPONENTS.items()}
        return {"components": components, "incidents": {}, "notified": []}

    def authorize(self, call: Call) -> None:
        if call.bearer not in self.tokens:
            raise Refusal(401, "Invalid API key", "unauthorized")

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "Too many requests", "rate_limited")

    def error_body(self, refusal: Refusal) -> Row:
        return {"error": {"code": refusal.code, "message": refusal.message}}

    def check_page(self, call: Call) -> None:
        if call.match["page_id"] != PAGE:
            raise Refusal(404, "Page not found", "not_found")

    def incident(self, call: Call) -> Row:
        self.check_page(call)
        found: Row | None = self.rows["incidents"].get(call.match["incident_id"])
        if found is None:
            raise Refusal(404, "Incident not found", "not_found")
        return found

    def shown(self, row: Row) -> Row:
        components = [self.rows["components"][id] for id in row["component_ids"]]
        return {**{key: value for key, value in row.items() if key != "component_ids"}, "components": components}

    def checked(self, call: Call) -> Row:
        given = body_of(call)
        rows: list[Row] = given.get("statuses", [])
        unknown = {*given.get("components", []), *(row["id"] for row in rows)} - set(self.rows["components"])
        if unknown or given.get("status", "INVESTIGATING") not in STATUSES or any(row["status"] not in COMPONENT_STATUSES for row in rows):
            raise Refusal(400, "Invalid request body", "bad_request")
        return given

    def update(self, row: Row, given: Row) -> Row:
        at, text = now(), given.get("message", "")
        row["status"] = given.get("status", row.get("status", "INVESTIGATING"))
        row["resolved"] = at if row["status"] == "RESOLVED" else None
        notify = given.get("notify", True)
        about = {"id": self.new_id(), "started": at, "ended": None, "duration": None, "createdAt": at}
        row["updates"].append({**about, "message": text, "messageHtml": f"<p>{text}</p>", "status": row["status"], "notify": notify})
        for change in given.get("statuses", []):
            self.rows["components"][change["id"]]["status"] = change["status"]
        if notify:
            self.rows["notified"].append(text)
        return row
