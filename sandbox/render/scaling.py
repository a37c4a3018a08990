"""Instances: a fixed number, which is silently ignored while autoscaling is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route

if TYPE_CHECKING:
    from sandbox.render import Render


def scale(render: Render, call: Call) -> Reply:
    service = render.book.service(call.match["serviceId"])
    wanted = (call.body or {}).get("numInstances")
    if not isinstance(wanted, int) or not 1 <= wanted <= 100:
        raise Refusal(400, "invalid numInstances: must be between 1 and 100")
    details = service["serviceDetails"]
    if not details.get("autoscaling", {}).get("enabled"):
        before, details["numInstances"] = details["numInstances"], wanted
        service["updatedAt"] = now_ms()
        render.book.record(service, "instance_count_changed", fromInstances=before, toInstances=wanted)
    return Reply(202)


def set_autoscaling(render: Render, call: Call) -> Any:
    service = render.book.service(call.match["serviceId"])
    body = call.body or {}
    if missing := {"enabled", "min", "max", "criteria"} - set(body):
        raise Refusal(400, f"missing {min(missing)}")
    service["serviceDetails"]["autoscaling"] = body
    return body


def delete_autoscaling(render: Render, call: Call) -> Reply:
    render.book.service(call.match["serviceId"])["serviceDetails"].pop("autoscaling", None)
    return Reply(204)


_SERVICE = "/v1/services/{serviceId}"
ROUTES: list[Route] = [
    ("POST", _SERVICE + "/scale", scale),
    ("PUT", _SERVICE + "/autoscaling", set_autoscaling),
    ("DELETE", _SERVICE + "/autoscaling", delete_autoscaling),
]
