"""Real traffic of the vendor, replayed: same status, same headers, same limits, same shape of body."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sandbox.testing import Box
from tests.sandbox.spec import SPECS
from tests.sandbox.vendor_api import Api

RECORDINGS = SPECS / "render" / "recorded-exchanges.json"
SERVICE = r"/v1/services/srv-\w+"
IN_SCOPE = [
    rf"GET {SERVICE}",
    rf"PATCH {SERVICE}",
    r"GET /v1/services\?name=.*",
    rf"(GET|PUT) {SERVICE}/env-vars(\?.*)?",
    rf"GET {SERVICE}/custom-domains\?.*",
    rf"POST {SERVICE}/deploys",
    rf"POST {SERVICE}/scale",
    rf"(PUT|DELETE) {SERVICE}/autoscaling",
]
# What a recorded service has of its own, and what the vendor has added since.
OWN = {"disk", "autoscaling", "imagePath", "repo", "branch", "buildFilter", "healthCheckPath", "maintenanceMode"}
OWN |= {"cache", "buildCommand", "startCommand", "preDeployCommand", "dockerCommand", "dockerContext", "dockerfilePath"}
NEWER = {"autoDeployTrigger", "startedAt"}


def recordings() -> list[Any]:
    """The exchanges in scope, each with the line of its request as its name."""
    if not RECORDINGS.exists():
        return [pytest.param(None, marks=pytest.mark.skip(f"{RECORDINGS} is missing; set LASTGOOD_SPECS"))]
    found = []
    for number, exchange in enumerate(json.loads(RECORDINGS.read_text())["exchanges"]):
        line = f"{exchange['request']['method']} {exchange['request']['url']}"
        of_image = "image" in (exchange["response"]["body"] or {})  # the sandbox's services are built from commits
        if any(re.fullmatch(pattern, line) for pattern in IN_SCOPE) and not of_image:
            found.append(pytest.param(exchange, id=f"{number} {line.split('?')[0]} {exchange['response']['status']}"))
    return found


@pytest.mark.parametrize("exchange", recordings())
def test_the_same_answer(box: Box, render: Api, exchange: Any) -> None:
    box.set_latency(**{"render.build": 60})
    box.control("rates", on=True)
    request, recorded = exchange["request"], exchange["response"]
    if recorded["status"] == 202 and request["url"].endswith("/deploys"):
        render.send("POST", "/services/srv-api/deploys", {}, 201)  # the recorded one waited behind another
    answer = render.call(request["method"], _here(render, request["url"]), request["body"])
    assert answer.status_code == recorded["status"]
    names = {name.title() for name in answer.headers} - {"Date", "Server", "Content-Length"}
    assert names == {name.title() for name in recorded["headers"]}
    assert answer.headers["Ratelimit-Limit"] == recorded["headers"]["Ratelimit-Limit"]
    assert answer.headers.get("Content-Type") == recorded["headers"].get("Content-Type")
    _same_shape(recorded["body"], answer.json() if answer.content else None, "$")


def _here(render: Api, url: str) -> str:
    """The recorded address with this sandbox's identifiers in it."""
    path = re.sub(r"srv-\w+", "srv-api", url.removeprefix("/v1"))
    path = re.sub(r"name=[\w-]+&ownerId=[\w-]+&type=\w+", "name=api&ownerId=tea-lastgood&type=web_service", path)
    if "cursor=" in path:
        last = render.get(path.split("?")[0])[-1]["cursor"]
        path = re.sub(r"cursor=\w+", f"cursor={last}", path)
    return path


def _same_shape(recorded: Any, ours: Any, at: str) -> None:
    if isinstance(recorded, dict):
        assert isinstance(ours, dict), at
        assert recorded.keys() - ours.keys() <= OWN, f"{at} lacks {recorded.keys() - ours.keys() - OWN}"
        assert ours.keys() - recorded.keys() <= OWN | NEWER, f"{at} has {ours.keys() - recorded.keys() - OWN - NEWER}"
        for key in recorded.keys() & ours.keys():
            _same_shape(recorded[key], ours[key], f"{at}.{key}")
    elif isinstance(recorded, list):
        assert isinstance(ours, list), at
        assert bool(recorded) == bool(ours) or at.endswith(("Paths", "ignoredPaths")), at
        for item in ours[: len(recorded)]:
            _same_shape(recorded[0], item, f"{at}[]")
    else:
        assert type(ours) is type(recorded), f"{at}: {ours!r} is no {type(recorded).__name__}"
