"""Looking twice: what is well is looked at again, what fails is not, and what gave no answer is repeated."""

from __future__ import annotations

import pytest

from tests.unit.http_check_call import http_check
from tests.unit.troubled_site import TroubledSite
from tests.vendor_proxy import LOST, Answer, Exchange, Forward, Proxy

ANSWERS = {"OK": Answer(200, b"fine"), "BAD": Answer(500, b"no"), "UNKNOWN": LOST}


@pytest.mark.parametrize(
    ("seen", "verdict", "asked"),
    [
        (["OK", "OK", "BAD"], "OK", 2),
        (["BAD", "OK", "OK"], "BAD", 1),
        (["OK", "BAD", "OK"], "BAD", 2),
        (["UNKNOWN", "OK", "OK"], "OK", 3),
        (["OK", "UNKNOWN", "OK"], "OK", 3),
        (["UNKNOWN", "UNKNOWN", "OK"], "UNKNOWN", 2),
        (["OK", "UNKNOWN", "UNKNOWN"], "UNKNOWN", 3),
        (["UNKNOWN", "BAD", "OK"], "BAD", 2),
    ],
)
def test_two_looks(site: TroubledSite, seen: list[str], verdict: str, asked: int) -> None:
    def disturb(exchange: Exchange, forward: Forward) -> Answer:
        return ANSWERS[seen[exchange.number - 1]]

    with Proxy(site.url, disturb) as proxy:
        call = http_check({"name": "page", "url": f"{proxy.url}/page"}, looks=2)

    assert (call.verdicts, len(proxy.log)) == ({"page": verdict}, asked)
