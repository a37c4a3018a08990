"""What only Render does."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from ansible_collections.lastgood.recovery.plugins.modules import render_service

from tests.contract.bench import Bench, now, printed_by
from tests.contract.vendors import VENDORS

pytestmark = [
    pytest.mark.once,
    pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "render"], indirect=True, ids=str),
]


def ask(bench: Bench, path: str) -> None:
    """A call that somebody else makes."""
    url = f"{bench.box.vendor_url('render')}/v1/services/srv-api/{path}"
    requests.post(url, headers={"Authorization": "Bearer sandbox-render-token"}, timeout=5).raise_for_status()


def test_a_suspended_service_is_refused(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    ask(bench, "suspend")

    result = bench.run(bad_at=now(), hold=False)

    assert "srv-api is suspended; nothing was changed" in result["msg"]
    assert "Resume it" in result["hint"]


def test_a_rollback_has_an_id_of_its_own_and_the_artifact_that_was_asked_for(bench: Bench) -> None:
    bench.ship("breaks-checkout")

    result = bench.run(bad_at=now())

    assert result["serving"]["id"] != result["to"]["id"]
    assert result["serving"]["artifact"] == result["to"]["artifact"]


def test_a_release_that_fails_its_health_check_is_not_gone_back_to(bench: Bench) -> None:
    good = bench.served()
    bench.ship("crashing")
    assert bench.served() == good, "Render keeps the old one"
    bench.ship("breaks-checkout")

    assert bench.run(bad_at=now())["to"]["artifact"] == good


def test_automatic_deploys_are_off_before_the_rollback_is_asked_for(bench: Bench) -> None:
    """Through the API a rollback leaves them on, and a push in between would win."""
    bench.ship("breaks-checkout")
    bench.box.control("fail", target="api")

    result = bench.run(bad_at=now())

    assert result["error"] == "ActivationFailed"
    assert bench.frozen()["services"]["srv-api"]["autoDeploy"] == "no"


def test_pushes_that_waited_for_checks_do_so_again(bench: Bench) -> None:
    bench.ship("breaks-checkout")
    assert bench.run(bad_at=now())["held"]

    result = bench.run(hold=False, trigger="checksPass")

    assert (result["changed"], result["held"]) == (True, False)
    assert bench.box.state()["render"]["services"]["srv-api"]["autoDeployTrigger"] == "checksPass"
    assert not bench.run(hold=False, trigger="checksPass")["changed"]


def test_autoscaling_is_switched_off_before_a_number_counts_and_put_back(bench: Bench, tmp_path: Path) -> None:
    """Render accepts a number of instances while it scales by itself, and ignores it."""
    criteria = {name: {"enabled": name == "cpu", "percentage": 60} for name in ("cpu", "memory")}
    scaling = {"enabled": True, "min": 1, "max": 3, "criteria": criteria}
    url = f"{bench.box.vendor_url('render')}/v1/services/srv-api/autoscaling"
    requests.put(url, json=scaling, headers={"Authorization": "Bearer sandbox-render-token"}, timeout=5).raise_for_status()
    asked = {**bench.vendor.options(bench.box), "poll": 0.05, "timeout": 5, "memory": str(tmp_path / "memory")}

    assert not printed_by(render_service.main, **asked, instances={"service": 2}, at_least=True)["changed"], "it has enough, and scales on"
    scaled = printed_by(render_service.main, **asked, instances={"service": 6}, at_least=True, settle=0.1)
    details = bench.frozen()["services"]["srv-api"]["serviceDetails"]
    assert (details["numInstances"], details.get("autoscaling")) == (6, None), scaled

    back = printed_by(render_service.main, **asked, put_back=True)
    assert bench.frozen()["services"]["srv-api"]["serviceDetails"]["autoscaling"] == scaling, back
