"""Services: list, read, change settings, suspend, resume, restart, events, domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import from_iso, iso, now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.render import rollout
from sandbox.render.book import service_row, wrapped
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.render import Render

_PLAIN = ("name", "branch", "repo", "rootDir", "buildFilter")
_TRIGGERS = ("commit", "checksPass", "off")


def list_services(render: Render, call: Call) -> list[Row]:
    rows = list(render.book.services.values())
    for field in ("name", "type", "ownerId", "suspended"):
        if wanted := call.repeated(field):
            rows = [service for service in rows if service[field] in wanted]
    return wrapped("service", rows, call, service_row)


def get_service(render: Render, call: Call) -> Row:
    return service_row(_service(render, call))


def _service(render: Render, call: Call) -> Row:
    return render.book.service(call.match["serviceId"])


def update_service(render: Render, call: Call) -> Row:
    service, body = _service(render, call), call.body or {}
    auto, trigger = body.get("autoDeploy"), body.get("autoDeployTrigger")
    if auto not in (None, "yes", "no"):
        raise Refusal(400, "invalid autoDeploy: must be yes or no")
    if trigger not in (None, *_TRIGGERS):
        raise Refusal(400, "invalid autoDeployTrigger: must be commit, checksPass or off")
    before = service["autoDeploy"]
    if trigger is None and auto is not None:
        trigger = {"yes": "commit", "no": "off"}[auto]
    if trigger is not None:
        service.update(autoDeployTrigger=trigger, autoDeploy="no" if trigger == "off" else "yes")
    _merge_details(service["serviceDetails"], body.get("serviceDetails", {}))
    service.update({field: body[field] for field in _PLAIN if field in body}, updatedAt=now_ms())
    if before == "yes" and service["autoDeploy"] == "no":
        render.book.record(service, "auto_deploy_disabled")
    return service_row(service)


def _merge_details(details: Row, wanted: Row) -> None:
    if "maintenanceMode" in wanted and set(wanted["maintenanceMode"]) != {"enabled", "uri"}:
        raise Refusal(400, "maintenanceMode needs both enabled and uri")
    for key, value in wanted.items():
        if key == "preDeployCommand":  # written beside the build command, read below it
            details["envSpecificDetails"][key] = value
        elif isinstance(value, dict) and isinstance(details.get(key), dict):
            details[key] = {**details[key], **value}
        else:
            details[key] = value


def suspend(render: Render, call: Call) -> Reply:
    service = _service(render, call)
    if service["suspended"] == "suspended":
        raise Refusal(400, "service is already suspended")
    for deploy in render.book.active(service):
        rollout.cancel(render, deploy)
    if live := render.book.serving(service):
        live.update(status="deactivated", updatedAt=now_ms())
    service.update(suspended="suspended", suspenders=["user"], updatedAt=now_ms())
    render.book.record(service, "service_suspended")
    return Reply(202)


def resume(render: Render, call: Call) -> Reply:
    """Resuming is a new deploy of what served last."""
    service = _service(render, call)
    if service["suspended"] != "suspended":
        raise Refusal(400, "service is not suspended")
    service.update(suspended="not_suspended", suspenders=[], updatedAt=now_ms())
    render.book.record(service, "service_resumed")
    served = [deploy for deploy in render.book.of_service(service) if deploy["status"] == "deactivated"]
    last = max(served, key=lambda deploy: deploy["updatedAt"])
    source = {"commit": last["commit"], "kind": last["kind"]}
    rollout.start(render, service, **source, trigger="service_resumed", reuse=True, env=last["env"])
    return Reply(202)


def restart(render: Render, call: Call) -> Reply:
    service = _service(render, call)
    if service["suspended"] == "suspended":
        raise Refusal(400, "cannot restart a suspended service")
    render.book.record(service, "server_restarted")
    return Reply(200)


def purge_cache(render: Render, call: Call) -> Reply:
    service = _service(render, call)
    if service["serviceDetails"].get("cache", {}).get("profile", "no-cache") == "no-cache":
        raise Refusal(409, "edge caching is not enabled for this service")
    render.book.record(service, "edge_cache_purged")
    return Reply(202)


def list_events(render: Render, call: Call) -> list[Row]:
    service = _service(render, call)
    rows = [event for event in reversed(render.book.events) if event["serviceId"] == service["id"]]
    if types := call.repeated("type"):
        rows = [event for event in rows if event["type"] in types]
    try:
        start, end = (from_iso(call.query[side]) if side in call.query else None for side in ("startTime", "endTime"))
    except ValueError:
        raise Refusal(400, "invalid time") from None
    rows = [event for event in rows if (start is None or event["timestamp"] >= start) and (end is None or event["timestamp"] <= end)]
    return wrapped("event", rows, call, lambda event: {**event, "timestamp": iso(event["timestamp"])})


def list_domains(render: Render, call: Call) -> list[Row]:
    service = _service(render, call)
    domain = {
        "id": "cdm-" + service["id"].removeprefix("srv-"),
        "name": f"{service['name']}.rachelfoods.test",
        "domainType": "subdomain",
        "publicSuffix": "test",
        "redirectForName": "",
        "verificationStatus": "verified",
        "createdAt": iso(service["createdAt"]),
    }
    return wrapped("customDomain", [domain], call, lambda row: row)


_SERVICE = "/v1/services/{serviceId}"
ROUTES: list[Route] = [
    ("GET", "/v1/services", list_services),
    ("GET", _SERVICE, get_service),
    ("PATCH", _SERVICE, update_service),
    ("POST", _SERVICE + "/suspend", suspend),
    ("POST", _SERVICE + "/resume", resume),
    ("POST", _SERVICE + "/restart", restart),
    ("POST", _SERVICE + "/cache/purge", purge_cache),
    ("GET", _SERVICE + "/events", list_events),
    ("GET", _SERVICE + "/custom-domains", list_domains),
]
