"""Deploys and rollbacks on Render: always a new deploy, one at a time, behind a health check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from sandbox.testing import Box
from tests.sandbox.vendor_api import Api, deploys

Eventually = Callable[[Callable[[], Any]], Any]


def live(render: Api) -> Any:
    (one,) = deploys(render, status="live")
    return one


def roll_back(render: Api, to: str, status: int = 201) -> Any:
    return render.send("POST", "/services/srv-api/rollback", {"deployId": to}, status)


def served(box: Box) -> Any:
    return requests.get(f"{box.served_url('api')}/version", timeout=5).json()


def test_a_rollback_is_a_new_deploy_of_the_old_commit(box: Box, render: Api, eventually: Eventually) -> None:
    good, bad = live(render), box.ship("api", "breaks-checkout")["release"]
    box.set_latency(**{"render.rollback": 0.5})
    fresh = roll_back(render, good["id"])
    assert (fresh["status"], fresh["trigger"], fresh["finishedAt"]) == ("created", "rollback", None)
    assert fresh["id"] not in (good["id"], bad)
    assert fresh["commit"]["id"] == good["commit"]["id"]
    eventually(lambda: render.get(f"/services/srv-api/deploys/{fresh['id']}")["status"] == "update_in_progress")
    assert served(box)["release"] == bad
    eventually(lambda: live(render)["id"] == fresh["id"])
    assert served(box) == {"service": "api", "release": fresh["id"], "commit": good["commit"]["id"]}
    assert render.get(f"/services/srv-api/deploys/{bad}")["status"] == "deactivated"


def test_a_rollback_does_not_hold_the_next_push(box: Box, render: Api) -> None:
    good = live(render)["id"]
    box.ship("api", "breaks-checkout")
    roll_back(render, good)
    shipped = box.ship("api", "good")
    assert shipped["held"] is False
    assert live(render)["id"] == shipped["release"]


def test_auto_deploy_off_holds_pushes(box: Box, render: Api) -> None:
    before = live(render)["id"]
    service = render.send("PATCH", "/services/srv-api", {"autoDeploy": "no"})
    assert (service["autoDeploy"], service["autoDeployTrigger"]) == ("no", "off")
    shipped = box.ship("api", "good")
    assert (shipped["held"], shipped["release"]) == (True, None)
    assert live(render)["id"] == before
    assert render.send("POST", "/services/srv-api/deploys", {}, 201)["commit"]["id"] == shipped["commit"]
    assert served(box)["commit"] == shipped["commit"]


def test_auto_deploy_is_a_word_not_a_boolean(render: Api) -> None:
    render.send("PATCH", "/services/srv-api", {"autoDeploy": False}, 400)
    assert render.get("/services/srv-api")["autoDeploy"] == "yes"


def test_behind_a_running_deploy_the_answer_is_empty_and_queued(box: Box, render: Api, eventually: Eventually) -> None:
    box.set_latency(**{"render.build": 0.3})
    first = render.send("POST", "/services/srv-api/deploys", {}, 201)
    assert first["status"] == "build_in_progress"
    assert render.send("POST", "/services/srv-api/deploys", {}, 202) is None
    queued = deploys(render, status="queued")[0]["id"]
    eventually(lambda: live(render)["id"] == queued)
    assert render.get(f"/services/srv-api/deploys/{first['id']}")["status"] == "deactivated"


def test_cancelling_lets_the_next_one_begin(box: Box, render: Api) -> None:
    good = live(render)["id"]
    box.set_latency(**{"render.build": 60})
    building = box.ship("api", "slow-build")["release"]
    assert roll_back(render, good)["status"] == "queued"
    assert render.send("POST", f"/services/srv-api/deploys/{building}/cancel")["status"] == "canceled"
    assert live(render)["trigger"] == "rollback"


def test_a_release_that_does_not_start_never_serves(box: Box, render: Api) -> None:
    good = live(render)["id"]
    crashing, broken = box.ship("api", "crashing")["release"], box.ship("api", "failing-build")["release"]
    assert render.get(f"/services/srv-api/deploys/{crashing}")["status"] == "update_failed"
    assert render.get(f"/services/srv-api/deploys/{broken}")["status"] == "build_failed"
    assert served(box)["release"] == good
    roll_back(render, crashing, 400)
    roll_back(render, broken, 400)


def test_an_activation_can_fail(box: Box, render: Api) -> None:
    good, bad = live(render)["id"], box.ship("api", "breaks-checkout")["release"]
    box.control("fail", target="api")
    failed = roll_back(render, good)["id"]
    assert render.get(f"/services/srv-api/deploys/{failed}")["status"] == "update_failed"
    assert served(box)["release"] == bad


def test_retention_loses_the_build(box: Box, render: Api) -> None:
    lost = deploys(render, status="deactivated")[0]["id"]
    box.control("retention", target="api", release=lost)
    assert "no longer retained" in roll_back(render, lost, 400)["message"]
    oldest = deploys(render, status="deactivated")[-1]["id"]
    box.control("plan", target="api", plan="hobby")
    assert "no longer retained" in roll_back(render, oldest, 400)["message"]


def test_the_same_commit_has_several_deploys(render: Api) -> None:
    commits = [deploy["commit"]["id"] for deploy in deploys(render, status="deactivated")]
    assert len(set(commits)) < len(commits)


def test_suspending_stops_serving_and_resuming_deploys_again(box: Box, render: Api) -> None:
    commit = live(render)["commit"]["id"]
    render.send("POST", "/services/srv-api/suspend", status=202)
    assert render.get("/services/srv-api")["suspenders"] == ["user"]
    assert deploys(render, status="live") == []
    assert requests.get(f"{box.served_url('api')}/health", timeout=5).status_code == 503
    render.send("POST", "/services/srv-api/resume", status=202)
    assert (live(render)["trigger"], live(render)["commit"]["id"]) == ("service_resumed", commit)


def test_scaling_is_ignored_while_autoscaling(render: Api) -> None:
    rule = {"enabled": True, "percentage": 60}
    scaling = {"enabled": True, "min": 1, "max": 3, "criteria": {"cpu": rule, "memory": rule}}
    render.send("PUT", "/services/srv-api/autoscaling", scaling)
    render.send("POST", "/services/srv-api/scale", {"numInstances": 4}, 202)
    assert render.get("/services/srv-api")["serviceDetails"]["numInstances"] == 2
    render.send("DELETE", "/services/srv-api/autoscaling", status=204)
    render.send("POST", "/services/srv-api/scale", {"numInstances": 4}, 202)
    assert render.get("/services/srv-api")["serviceDetails"]["numInstances"] == 4


def test_maintenance_mode_needs_both_keys(box: Box, render: Api) -> None:
    render.send("PATCH", "/services/srv-api", {"serviceDetails": {"maintenanceMode": {"enabled": True}}}, 400)
    render.send("PATCH", "/services/srv-api", {"serviceDetails": {"maintenanceMode": {"enabled": True, "uri": ""}}})
    assert requests.get(f"{box.served_url('api')}/health", timeout=5).status_code == 503


def test_pages_of_deploys_join_without_gap(render: Api) -> None:
    everything = [deploy["id"] for deploy in deploys(render, limit=100)]
    paged, cursor = [], ""
    while True:
        page = render.get("/services/srv-api/deploys", limit=3, cursor=cursor)
        paged += [item["deploy"]["id"] for item in page]
        if len(page) < 3:
            break
        cursor = page[-1]["cursor"]
    assert paged == everything


def test_ten_calls_a_minute_are_shared_by_settings_deploys_and_scaling(box: Box, render: Api) -> None:
    box.control("rates", on=True, bucket="render.deploy", limit=2, seconds=30)
    first = render.call("PATCH", "/services/srv-api", {"autoDeploy": "yes"})
    second = render.call("POST", "/services/srv-payments/scale", {"numInstances": 2})
    third = render.call("POST", "/services/srv-api/deploys", {})
    assert [answer.status_code for answer in (first, second, third)] == [200, 202, 429]
    assert [answer.headers["Ratelimit-Remaining"] for answer in (first, second, third)] == ["1", "0", "0"]
    assert 1 <= int(third.headers["Ratelimit-Reset"]) <= 30  # seconds left, not an instant
    assert render.call("POST", "/services/srv-api/rollback", {"deployId": live(render)["id"]}).status_code == 201


def test_errors_are_in_the_vendors_words(box: Box, render: Api) -> None:
    assert render.call("GET", "/services/srv-none").json() == {"message": "not found: srv-none"}
    render.session.headers["Authorization"] = "Bearer wrong"
    refused = render.call("GET", "/services")
    assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})
