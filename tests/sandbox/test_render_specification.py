"""Everything the Render emulator can be asked, and each answer, as the vendor describes it."""

from __future__ import annotations

import re

import pytest

from sandbox.clock import MINUTE, iso, now_ms
from sandbox.render import Render
from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.sandbox.spec import Specification, specification
from tests.sandbox.vendor_api import Api, deploys


@pytest.fixture
def published() -> Specification:
    # Recorded traffic has `"finishedAt": null` where the description allows no null.
    return specification("render/openapi-2025-09-20.json", prefix="/v1", nulls_are_absent=True)


@pytest.fixture
def checked(box: Box, published: Specification) -> Api:
    return vendor_api.render(box, published)


def test_every_route_is_published(published: Specification) -> None:
    for method, path, _ in Render.routes:
        assert published.operations(method, re.sub(r"\{\w+\}", "x", path)), (method, path)


def test_reading(checked: Api) -> None:
    assert [item["owner"]["id"] for item in checked.get("/owners")] == ["tea-lastgood"]
    checked.get("/owners/tea-lastgood")
    checked.get("/users")
    services = checked.get("/services", type="web_service", ownerId="tea-lastgood", suspended="not_suspended")
    assert {item["service"]["name"] for item in services} == {"api", "payments"}
    checked.get("/services/srv-api")
    checked.get("/services/srv-api/custom-domains")
    for deploy in deploys(checked, limit=100):
        checked.get(f"/services/srv-api/deploys/{deploy['id']}")


def test_releases(box: Box, checked: Api) -> None:
    good = deploys(checked, status="live")[0]["id"]
    box.ship("api", "breaks-checkout")
    checked.send("POST", "/services/srv-api/rollback", {"deployId": good}, 201)
    checked.send("POST", "/services/srv-api/rollback", {"deployId": "dep-unknown"}, 404)
    box.set_latency(render=60)
    fresh = checked.send("POST", "/services/srv-api/deploys", {"clearCache": "do_not_clear"}, 201)
    checked.send("POST", "/services/srv-api/deploys", {}, 202)
    checked.send("POST", f"/services/srv-api/deploys/{fresh['id']}/cancel")
    checked.send("POST", f"/services/srv-api/deploys/{fresh['id']}/cancel", status=400)
    checked.get("/services/srv-api/events")


def test_settings(checked: Api) -> None:
    body = {"autoDeploy": "no", "serviceDetails": {"maintenanceMode": {"enabled": True, "uri": ""}}}
    assert checked.send("PATCH", "/services/srv-api", body)["autoDeploy"] == "no"
    checked.send("POST", "/services/srv-api/scale", {"numInstances": 3}, 202)
    cpu = {"enabled": True, "percentage": 60}
    scaling = {"enabled": True, "min": 1, "max": 3, "criteria": {"cpu": cpu, "memory": {**cpu, "enabled": False}}}
    checked.send("PUT", "/services/srv-api/autoscaling", scaling)
    checked.get("/services/srv-api")
    checked.send("DELETE", "/services/srv-api/autoscaling", status=204)
    checked.send("POST", "/services/srv-api/cache/purge", status=409)
    checked.send("POST", "/services/srv-api/restart")
    checked.send("POST", "/services/srv-api/suspend", status=202)
    checked.get("/services/srv-api")
    checked.send("POST", "/services/srv-api/resume", status=202)
    checked.get("/services/srv-api/events", type="service_resumed")


def test_variables(checked: Api) -> None:
    checked.send("PUT", "/services/srv-api/env-vars/LOG_LEVEL", {"value": "debug"})
    assert checked.get("/services/srv-api/env-vars/LOG_LEVEL")["value"] == "debug"
    checked.send("PUT", "/services/srv-api/env-vars", [{"key": "A", "value": "1"}, {"key": "B", "generateValue": True}])
    assert [item["envVar"]["key"] for item in checked.get("/services/srv-api/env-vars")] == ["A", "B"]
    checked.send("DELETE", "/services/srv-api/env-vars/A", status=204)
    checked.send("DELETE", "/services/srv-api/env-vars/A", status=404)


def test_logs(checked: Api) -> None:
    query = {"ownerId": "tea-lastgood", "resource": "srv-api", "type": "build", "startTime": "2020-01-01T00:00:00Z"}
    seen = []
    while True:
        page = checked.get("/logs", limit=3, **query)
        seen += page["logs"]
        if not page["hasMore"]:
            break
        query |= {"startTime": page["nextStartTime"], "endTime": page["nextEndTime"]}
    times = [row["timestamp"] for row in seen]
    assert times == sorted(times, reverse=True)
    assert len({row["id"] for row in seen}) > 6
    oldest = checked.get("/logs", **{**query, "endTime": times[0], "direction": "forward"})["logs"][0]
    assert oldest["timestamp"] == times[-1]
    checked.get("/services/srv-api/events", startTime="2020-01-01T00:00:00Z", endTime=times[0])


def test_databases(box: Box, checked: Api) -> None:
    assert {item["postgres"]["name"] for item in checked.get("/postgres")} == {"shop-database", "trial-database"}
    source = checked.get("/postgres/dpg-shop-a")
    checked.get("/postgres/dpg-shop-a/connection-info")
    window = checked.get("/postgres/dpg-shop-a/recovery")
    assert window["recoveryStatus"] == "AVAILABLE"
    assert checked.get("/postgres/dpg-trial-a/recovery") == {"recoveryStatus": "NOT_AVAILABLE"}
    for id, at in (("dpg-shop-a", iso(now_ms() - 5 * MINUTE)), ("dpg-shop-a", "2020-01-01T00:00:00Z"), ("dpg-trial-a", window["startsAt"])):
        checked.send("POST", f"/postgres/{id}/recovery", {"restoreTime": at}, 400)
    wanted = {"restoreTime": iso(now_ms() - 20 * MINUTE), "restoreName": "shop-yesterday"}
    fresh = checked.send("POST", "/postgres/dpg-shop-a/recovery", wanted)
    assert fresh["id"] != source["id"]
    assert [item["postgres"]["status"] for item in checked.get("/postgres", name="shop-yesterday")] == ["available"]
    assert checked.get(f"/postgres/{fresh['id']}/recovery")["recoveryStatus"] == "BACKUP_NOT_READY"
    assert checked.get("/postgres/dpg-shop-a") == source
    box.control("fail", target="shop-database")
    failed = checked.send("POST", "/postgres/dpg-shop-a/recovery", {"restoreTime": wanted["restoreTime"]})
    assert checked.get(f"/postgres/{failed['id']}")["status"] == "recovery_failed"
    assert checked.send("PATCH", f"/postgres/{fresh['id']}", {"name": "shop-kept"})["name"] == "shop-kept"
    checked.send("DELETE", f"/postgres/{failed['id']}", status=204)
    checked.send("POST", "/postgres/dpg-shop-a/export", status=202)
    assert [set(export) for export in checked.get("/postgres/dpg-shop-a/export")] == [{"id", "createdAt", "url"}]
    checked.send("GET", "/postgres/dpg-unknown", status=404)
