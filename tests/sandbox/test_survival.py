"""What a restart must not lose: releases, pins, variables, settings, and what was under way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Box, running
from tests.sandbox import vendor_api
from tests.sandbox.vendor_api import Api, deploys, last_request, production

Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Box]:
    with running(postgres=False, state_dir=tmp_path / "state") as box:
        yield box


@pytest.fixture(params=["stop", "kill"])
def restart(own: Box, request: pytest.FixtureRequest) -> Callable[[], None]:
    """End the process in order or with `kill -9`, then start it again."""

    def again() -> None:
        getattr(own, request.param)()
        own.start()

    return again


def test_state_survives(own: Box, restart: Callable[[], None]) -> None:
    vercel, render = vendor_api.vercel(own), vendor_api.render(own)
    good = production(vercel)
    own.ship("storefront", "breaks-checkout")
    vercel.send("POST", f"/v1/projects/prj_storefront/rollback/{good}", {}, 201)
    render.send("PATCH", "/services/srv-api", {"autoDeploy": "no"})
    render.send("PUT", "/services/srv-api/env-vars/LOG_LEVEL", {"value": "debug"})
    own.set_latency(**{"render.build": 7})
    before = own.state()
    restart()
    assert own.state() == before
    vercel, render = vendor_api.vercel(own), vendor_api.render(own)
    assert vercel.get("/v9/projects/storefront")["autoAssignCustomDomains"] is False
    assert render.get("/services/srv-api/env-vars/LOG_LEVEL")["value"] == "debug"


def test_what_is_under_way_goes_on(own: Box, restart: Callable[[], None], eventually: Eventually) -> None:
    vercel, render = vendor_api.vercel(own), vendor_api.render(own)
    good, old = production(vercel), deploys(render, status="deactivated")[0]["id"]
    own.ship("storefront", "breaks-checkout")
    own.set_latency(vendors=1)
    vercel.send("POST", f"/v1/projects/prj_storefront/rollback/{good}", {}, 201)
    fresh = render.send("POST", "/services/srv-api/rollback", {"deployId": old}, 201)["id"]
    restart()
    vercel, render = vendor_api.vercel(own), vendor_api.render(own)
    eventually(lambda: last_request(vercel)["jobStatus"] == "succeeded")
    eventually(lambda: deploys(render, status="live")[0]["id"] == fresh)
    assert production(vercel) == good


def test_what_another_version_of_the_sandbox_has_left_is_not_read(own: Box) -> None:
    own.ship("storefront", "breaks-checkout")
    own.stop()
    file = own.state_dir / "state.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "program": "another", "render": {"services": {}}}))
    own.start()
    assert {one["kind"] for one in own.state()["serving"].values()} == {"good"}


def test_the_state_file_is_always_whole(own: Box) -> None:
    api: Api = vendor_api.vercel(own)
    for number in range(20):
        api.send("PATCH", "/v9/projects/storefront", {"autoAssignCustomDomains": bool(number % 2)})
        saved = json.loads((own.state_dir / "state.json").read_text())
        assert saved["vercel"]["projects"]["prj_storefront"]["autoAssignCustomDomains"] is bool(number % 2)


def test_reset_is_the_seeded_history_again(own: Box) -> None:
    own.ship("storefront", "breaks-checkout")
    own.control("outage", vendor="render")
    own.control("stuck", target="api")
    own.reset()
    state = own.state()
    assert (state["settings"]["outage"], state["settings"]["stuck"], state["schedule"]) == ([], [], [])
    served = state["serving"]["shop.rachelfoods.test"]
    assert (served["kind"], state["vercel"]["deployments"][served["release"]]["message"]) == (
        "good",
        "Faster checkout form",
    )
