"""What only Render does."""

from __future__ import annotations

import pytest
import requests

from tests.contract.bench import Bench, now
from tests.contract.vendors import VENDORS

pytestmark = pytest.mark.parametrize("bench", [vendor for vendor in VENDORS if vendor.name == "render"], indirect=True, ids=str)


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
