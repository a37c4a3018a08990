"""Better Stack: status reports in JSON:API, each with its updates; resources are as the newest update of a report says."""

from __future__ import annotations

from typing import ClassVar

from sandbox.emulator import Bucket, Call, Refusal, Reply, Route
from sandbox.state import Row
from sandbox.telling import Telling, body_of, now

PAGE = "123456"
RESOURCES = {"2001": "Storefront", "2002": "API", "2003": "Payments"}
STATUSES = ("resolved", "degraded", "downtime")
PER_PAGE = 25


def list_reports(vendor: BetterStack, call: Call) -> Row:
    vendor.check_page(call)
    page, rows = max(1, call.number("page", 1)), list(reversed(vendor.rows["reports"].values()))
    shown = [vendor.report(row) for row in rows[(page - 1) * PER_PAGE : page * PER_PAGE]]
    following = f"https://uptime.betterstack.com{call.path}?page={page + 1}" if len(rows) > page * PER_PAGE else None
    return {"data": shown, "pagination": {"next": following}}


def create_report(vendor: BetterStack, call: Call) -> Reply:
    vendor.check_page(call)
    given = body_of(call)
    id = vendor.new_id()
    row = {"id": id, "title": given.get("title"), "starts_at": given.get("starts_at", now()), "ends_at": None, "updates": []}
    update = vendor.update(row, given, notifies=True)
    vendor.rows["reports"][id] = row
    return Reply(201, {"data": vendor.report(row), "included": [update]})


def list_updates(vendor: BetterStack, call: Call) -> Row:
    return {"data": list(reversed(vendor.found(call)["updates"])), "pagination": {"next": None}}


def create_update(vendor: BetterStack, call: Call) -> Reply:
    row, given = vendor.found(call), body_of(call)
    if "affected_resources" not in given:
        raise Refusal(422, "affected_resources is missing")
    return Reply(201, {"data": vendor.update(row, given, notifies=False)})


class BetterStack(Telling):
    """The API of uptime.betterstack.com as far as status reports go."""

    name = "better_stack"
    tokens = ("sandbox-better-stack-token",)
    routes: ClassVar[list[Route]] = [
        ("GET", "/api/v2/status-pages/{status_page_id}/status-reports", list_reports),
        ("POST", "/api/v2/status-pages/{status_page_id}/status-reports", create_report),
        ("GET", "/api/v2/status-pages/{status_page_id}/status-reports/{status_report_id}/status-updates", list_updates),
        ("POST", "/api/v2/status-pages/{status_page_id}/status-reports/{status_report_id}/status-updates", create_update),
    ]

    @classmethod
    def history(cls, friday: int) -> Row:
        return {"reports": {}, "notified": []}

    def authorize(self, call: Call) -> None:
        if call.bearer not in self.tokens:
            raise Refusal(401, "Invalid Team API token. How to find your Team API token: https://betterstack.com/docs/uptime/api")

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "Too many requests")

    def error_body(self, refusal: Refusal) -> Row:
        return {"errors": refusal.message}

    def check_page(self, call: Call) -> None:
        if call.match["status_page_id"] != PAGE:
            raise Refusal(404, "Resource with provided ID was not found")

    def found(self, call: Call) -> Row:
        self.check_page(call)
        row: Row | None = self.rows["reports"].get(call.match["status_report_id"])
        if row is None:
            raise Refusal(404, "Resource with provided ID was not found")
        return row

    def report(self, row: Row) -> Row:
        affected = row["updates"][-1]["attributes"]["affected_resources"]
        dates = {"starts_at": row["starts_at"], "ends_at": row["ends_at"]}
        about = {"title": row["title"], "report_type": "manual", **dates, "status_page_id": int(PAGE), "affected_resources": affected}
        updates = [{"id": update["id"], "type": "status_update"} for update in row["updates"]]
        return {"id": row["id"], "type": "status_report", "attributes": about, "relationships": {"status_updates": {"data": updates}}}

    def update(self, row: Row, given: Row, notifies: bool) -> Row:
        affected: list[Row] = given.get("affected_resources", [])
        if any(one["status_page_resource_id"] not in RESOURCES or one["status"] not in STATUSES for one in affected):
            raise Refusal(422, "affected_resources is invalid")
        about = {"message": given.get("message", ""), "published_at": now(), "affected_resources": affected}
        notifies = given.get("notify_subscribers", notifies)
        made = {"id": self.new_id(), "type": "status_update", "attributes": {**about, "notify_subscribers": notifies}}
        row["updates"].append(made)
        row["ends_at"] = now() if affected and all(one["status"] == "resolved" for one in affected) else None
        if notifies:
            self.rows["notified"].append(about["message"])
        return made
