"""Atlassian Statuspage: notifications are on unless turned off, and an incident changes components only where it says so."""

from __future__ import annotations

import copy
from typing import ClassVar

from sandbox.emulator import Bucket, Call, Refusal, Reply, Route
from sandbox.state import Row
from sandbox.telling import Telling, body_of, now

PAGE = "kctbh9vrtdwd"
COMPONENTS = {"cmp-storefront": "Storefront", "cmp-api": "API", "cmp-payments": "Payments"}
STATUSES = ("investigating", "identified", "monitoring", "resolved")
COMPONENT_STATUSES = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage", "")
IMPACTS = ("none", "maintenance", "minor", "major", "critical")
LONGEST_NAME, LONGEST_BODY = 255, 25_000


def list_components(vendor: Statuspage, call: Call) -> list[Row]:
    vendor.check_page(call)
    return list(vendor.rows["components"].values())


def list_incidents(vendor: Statuspage, call: Call) -> list[Row]:
    vendor.check_page(call)
    limit, page = min(100, call.number("limit", 100)), max(1, call.number("page", 1))
    newest = [vendor.shown(row) for row in reversed(vendor.rows["incidents"].values())]
    return newest[(page - 1) * limit : page * limit]


def list_unresolved(vendor: Statuspage, call: Call) -> list[Row]:
    return [row for row in list_incidents(vendor, call) if row["status"] != "resolved"]


def get_incident(vendor: Statuspage, call: Call) -> Row:
    return vendor.shown(vendor.incident(call))


def create_incident(vendor: Statuspage, call: Call) -> Reply:
    vendor.check_page(call)
    given = vendor.checked(call)
    if not given.get("name"):
        raise Refusal(422, "Name can't be blank")
    at, id = now(), vendor.new_id()
    row: Row = {
        "id": id,
        "name": given["name"],
        "status": "investigating",
        "created_at": at,
        "impact": given.get("impact_override", "minor"),
        "incident_updates": [],
        "metadata": {},
        "component_ids": given.get("component_ids", []),
        "page_id": PAGE,
        "shortlink": f"https://stspg.io/{id}",
    }
    vendor.rows["incidents"][id] = row
    vendor.update(row, given, at)
    return Reply(201, vendor.shown(row))


def update_incident(vendor: Statuspage, call: Call) -> Row:
    row = vendor.incident(call)
    vendor.update(row, vendor.checked(call), now())
    return vendor.shown(row)


class Statuspage(Telling):
    """The API of api.statuspage.io as far as incidents go."""

    name = "statuspage"
    tokens = ("sandbox-statuspage-key",)
    routes: ClassVar[list[Route]] = [
        ("GET", "/v1/pages/{page_id}/components", list_components),
        ("GET", "/v1/pages/{page_id}/incidents", list_incidents),
        ("POST", "/v1/pages/{page_id}/incidents", create_incident),
        ("GET", "/v1/pages/{page_id}/incidents/unresolved", list_unresolved),
        ("GET", "/v1/pages/{page_id}/incidents/{incident_id}", get_incident),
        ("PATCH", "/v1/pages/{page_id}/incidents/{incident_id}", update_incident),
    ]

    @classmethod
    def history(cls, friday: int) -> Row:
        components = {id: {"id": id, "page_id": PAGE, "name": name, "status": "operational"} for id, name in COMPONENTS.items()}
        return {"components": components, "incidents": {}, "notified": []}

    def authorize(self, call: Call) -> None:
        if call.headers.get("Authorization", "").removeprefix("OAuth ") not in self.tokens:
            raise Refusal(401, "Could not authenticate")

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(420, "Enhance your calm: 1 request per second")

    def error_body(self, refusal: Refusal) -> Row:
        return {"error": [refusal.message] if refusal.status == 422 else refusal.message}

    def check_page(self, call: Call) -> None:
        if call.match["page_id"] != PAGE:
            raise Refusal(404, "not found")

    def incident(self, call: Call) -> Row:
        self.check_page(call)
        found: Row | None = self.rows["incidents"].get(call.match["incident_id"])
        if found is None:
            raise Refusal(404, "not found")
        return found

    def shown(self, row: Row) -> Row:
        components = [self.rows["components"][id] for id in row["component_ids"]]
        return {**copy.deepcopy({key: value for key, value in row.items() if key != "component_ids"}), "components": components}

    def checked(self, call: Call) -> Row:
        """What is asked for, or the vendor's refusal."""
        given: Row = body_of(call).get("incident") or {}
        changed: Row = given.get("components", {})
        unknown = {*changed, *given.get("component_ids", [])} - set(self.rows["components"])
        wrong = [
            (len(given.get("name", "")) > LONGEST_NAME, "Name is too long"),
            (len(given.get("body", "")) > LONGEST_BODY, "Body is too long"),
            (given.get("status", STATUSES[0]) not in STATUSES, "Status is not included in the list"),
            (given.get("impact_override", IMPACTS[0]) not in IMPACTS, "Impact override is not included in the list"),
            (bool(unknown), "Component not found"),
            (not set(changed.values()) <= set(COMPONENT_STATUSES), "Component status is not included in the list"),
            (not all(isinstance(one, dict) for one in given.get("metadata", {}).values()), "Metadata top-level values must be objects"),
        ]
        for is_wrong, message in wrong:
            if is_wrong:
                raise Refusal(422, message)
        return given

    def update(self, row: Row, given: Row, at: str) -> None:
        row["status"], row["updated_at"] = given.get("status", row["status"]), at
        row["metadata"] = given.get("metadata", row["metadata"])
        if row["status"] in ("monitoring", "resolved"):
            row[f"{row['status']}_at"] = at
        affected = [
            {"code": id, "name": COMPONENTS[id], "old_status": self.rows["components"][id]["status"], "new_status": status}
            for id, status in given.get("components", {}).items()
        ]
        for id, status in given.get("components", {}).items():
            self.rows["components"][id]["status"] = status
        delivers = given.get("deliver_notifications", True)
        about = {"id": self.new_id(), "incident_id": row["id"], "created_at": at, "updated_at": at, "display_at": at}
        told = {"body": given.get("body", ""), "status": row["status"], "deliver_notifications": delivers}
        row["incident_updates"].insert(0, {**about, **told, "affected_components": affected})
        if delivers:
            self.rows["notified"].append(told["body"])
