"""What goes wrong between the module and Convex never becomes a false success, and the same command converges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.convex_bench import KEY, ConvexBench
from tests.contract.test_convex_release import bench
from tests.vendor_proxy import LOST, Answer, Proxy, answering

pytestmark = pytest.mark.once

__all__ = ["bench"]
NOTE, WRITE, LOG = "list_environment_variables", "v1/update_environment_variables", "list_audit_log_events"
PUSH = ("start_push", "wait_for_schema", "finish_push")
NO = b'{"code": "X", "message": "no"}'
TO_THE_PROGRAM = [(500, NO), (200, b"null"), (200, b"{")]
SHAPES = (b"null", b"{", b'{"environmentVariables": 1}', b'{"items": [1]}')
TO_US = [(401, NO), (404, NO), (422, NO), (500, NO), *((200, body) for body in SHAPES)]


@pytest.fixture
def proxy(bench: ConvexBench) -> Iterator[Proxy]:
    with Proxy(bench.box.vendor_url("convex")) as proxy:
        yield proxy


@pytest.mark.parametrize("path", [NOTE, WRITE, LOG, *PUSH])
def test_whatever_is_answered_there_is_no_false_success(bench: ConvexBench, proxy: Proxy, path: str) -> None:
    good = bench.serving()
    for status, body in TO_THE_PROGRAM if path in PUSH else TO_US:
        bad = bench.ship("breaks-checkout")["id"]
        proxy.begin(answering(Answer(status, body), to=lambda call: path in call.path))

        result = bench.run(api_url=proxy.url, release=good, timeout=1)

        _check(result, bench.serving() == good, (path, status, body))
        assert bench.serving() in (good, bad)
        proxy.begin()
        again = bench.run(api_url=proxy.url, release=good)
        assert not again.get("failed"), (path, status, body, again)
        assert bench.serving() == good


def _check(result: dict[str, Any], good: bool, case: object) -> None:
    assert "Traceback" not in str(result), case
    assert KEY not in str(result), case
    if result.get("failed"):
        assert result["error"], case
        assert result["hint"], case
    else:
        assert good, case


@pytest.mark.parametrize("path", [WRITE, "finish_push"])
def test_a_lost_answer(bench: ConvexBench, proxy: Proxy, path: str) -> None:
    """It took effect, and nobody was told."""
    good = bench.serving()
    bench.ship("breaks-checkout")
    proxy.begin(answering(LOST, to=lambda call: path in call.path, times=1, heard=True))

    result = bench.run(api_url=proxy.url, release=good)

    _check(result, bench.serving() == good, path)
    assert not bench.run(api_url=proxy.url, release=good).get("failed")
    assert bench.serving() == good
    if path == WRITE:
        assert not result.get("failed"), "read back"
        assert sum("finish_push" in call.path for call in proxy.log) == 1, "not deployed twice"
