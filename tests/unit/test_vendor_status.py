"""What status pages say, in every form they have, and what becomes of pages that say nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages import formats
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.known import KNOWN
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.page import STATES, Unreadable
from ansible_collections.lastgood.recovery.plugins.modules import vendor_status
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.bench import printed_by
from tests.unit.troubled_site import TroubledSite, Visit

pytestmark = pytest.mark.once
FINE = {"status": {"indicator": "none", "description": "All Systems Operational"}}
INCIDENT = {"name": "Slow builds", "impact": "minor", "status": "investigating", "started_at": "2026-11-22T02:10:00Z"}
SUBPAGES = {
    "subpages": [
        {
            "summary": {
                "page_title": f"AWS - {region}",
                "ongoing_incidents": [{"id": region, "name": "Slow"}] if region == "us-east-1" else [],
                "in_progress_maintenances": [],
            }
        }
        for region in ("eu-central-1", "us-east-1")
    ]
}
EVENT = {"arn": "arn:aws:health:me-central-1::event/x", "service_name": "Multiple services", "summary": "Region Availability"}
EVENT |= {"status": "3", "date": "1772369485"}


@pytest.mark.parametrize(
    ("kind", "document", "regions", "expected"),
    [
        ("statuspage", FINE, [], "operational"),
        ("statuspage", {**FINE, "incidents": None}, [], "operational"),
        ("statuspage", {"status": {"indicator": "critical"}}, [], "outage"),
        ("statuspage", {**FINE, "incidents": [INCIDENT]}, [], "degraded: Slow builds"),
        ("statuspage", {**FINE, "incidents": [{**INCIDENT, "impact": "new word"}]}, [], "degraded: Slow builds"),
        ("statuspage", {**FINE, "incidents": [{**INCIDENT, "impact": "none"}]}, [], "operational: Slow builds"),
        ("statuspage", {**FINE, "incidents": [{**INCIDENT, "status": "resolved"}]}, [], "operational"),
        ("statuspage", {**FINE, "scheduled_maintenances": [{"name": "Move", "status": "in_progress"}]}, [], "maintenance: Move"),
        ("statuspage", {**FINE, "scheduled_maintenances": [{"name": "Move", "status": "scheduled"}]}, [], "operational"),
        ("incident_io", {"page_title": "Neon", "ongoing_incidents": []}, [], "operational"),
        ("incident_io", SUBPAGES, [], "degraded: Slow (AWS - us-east-1)"),
        ("incident_io", SUBPAGES, ["us-east-1"], "degraded: Slow (AWS - us-east-1)"),
        ("incident_io", SUBPAGES, ["eu-central-1"], "operational"),
        ("instatus", {"page": {"status": "UP"}}, [], "operational"),
        ("instatus", {"page": {"status": "UNDERMAINTENANCE"}}, [], "maintenance"),
        ("instatus", {"page": {"status": "HASISSUES"}, "activeIncidents": [{"name": "Down", "impact": "MAJOROUTAGE"}]}, [], "outage: Down"),
        ("heroku", {"status": [{"system": "Apps", "status": "green"}], "scheduled": [{"state": "upcoming"}]}, [], "operational"),
        ("heroku", {"status": [{"system": "Apps", "status": "red"}], "incidents": []}, [], "outage"),
        (
            "heroku",
            {"status": [{"system": "Apps", "status": "green"}], "incidents": [{"title": "Old", "state": "resolved", "resolved": False}]},
            [],
            "operational",
        ),
        ("stripe", {"UptimeStatus": "up", "uptimeData": [{"key": "api", "title": "API", "warning": None}]}, [], "operational"),
        ("stripe", {"largestatus": "up"}, [], "operational"),
        ("stripe", {"UptimeStatus": "down", "message": "The API is down"}, [], "outage: The API is down"),
        ("stripe", {"UptimeStatus": "up", "uptimeData": [{"title": "Checkout", "warning": "slow"}]}, [], "degraded: Checkout: slow"),
        ("aws", [], [], "operational"),
        ("aws", [EVENT], [], "outage: Multiple services: Region Availability (me-central-1)"),
        ("aws", [EVENT], ["us-east-1"], "operational"),
        ("aws", [{**EVENT, "status": "0"}], [], "operational"),
        ("aws", [{**EVENT, "arn": "arn:aws:health:::x", "summary": None}], ["us-east-1"], "outage: Multiple services (everywhere)"),
        ("aws", [{**EVENT, "status": "9"}], [], "degraded: Multiple services: Region Availability (me-central-1)"),
    ],
)
def test_what_a_page_says(kind: str, document: Any, regions: list[str], expected: str) -> None:
    page = formats.KINDS[kind](document, regions)
    assert ": ".join([page.state, *(notice.name for notice in page.notices)]) == expected


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["status", "indicator", "page", "x"]), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(formats.KINDS)), anything)
def test_a_page_of_another_form_is_unreadable_and_never_well(kind: str, document: Any) -> None:
    try:
        page = formats.KINDS[kind](document, [])
    except Unreadable:
        return
    if page.state == "operational":
        assert (kind, document) == ("aws", []) or (kind == "aws" and all(str(one["status"]) in "01" for one in document))
    assert page.state in STATES


class Pages(TroubledSite):
    """Status pages on a loopback port."""

    def url_of(self, path: str) -> str:
        return self.url + path


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pages]:
    def fine(visit: Visit) -> None:
        visit.answer(200, FINE)

    def bad(visit: Visit) -> None:
        visit.answer(200, {"status": {"indicator": "major"}, "incidents": [{**INCIDENT, "impact": "major"}]})

    def utf16(visit: Visit) -> None:
        visit.answer(200, json.dumps([EVENT]).encode("utf-16"), Content_Type="application/json;charset=utf-16")

    served = {"/fine": fine, "/bad": bad, "/utf16": utf16}
    monkeypatch.setattr(Visit, "ROUTES", {**Visit.ROUTES, **served})
    site = Pages()
    yield site
    site.close()


SUPPORT = {"vendors": {"railway": {"support": "team@railway.test", "note": "Pro plan"}, "vercel": {"support": "support@vercel.test"}}}


def test_all_pages_at_once_and_each_in_its_own_words(pages: Pages, refusing: str) -> None:
    paths = {"vercel": "/fine", "railway": "/bad", "render": "/hang", "stripe": "/page", "heroku": "/missing", "convex": "/reset"}
    kinds = {"railway": "statuspage"}
    given = [{"vendor": vendor, "url": pages.url_of(path), "kind": kinds.get(vendor)} for vendor, path in paths.items()]
    given = [{key: value for key, value in one.items() if value} for one in given]
    given += [{"vendor": "aws", "url": pages.url_of("/utf16")}, {"vendor": "neon", "url": refusing}]
    result = printed_by(vendor_status.main, vendors=[*paths, "aws", "neon", "git"], pages=given, timeout=1.5, contacts=SUPPORT)
    seen = {row["vendor"]: (row["verdict"], row["state"] or row["why"]) for row in result["vendors"]}
    assert seen == {
        "vercel": ("OK", "operational"),
        "railway": ("BAD", "partial outage"),
        "render": ("UNKNOWN", "no answer within 1.5 s"),
        "stripe": ("UNKNOWN", "an answer that cannot be read: no JSON"),
        "heroku": ("UNKNOWN", "an answer that cannot be read: status 404"),
        "convex": ("UNKNOWN", "a connection that broke off"),
        "aws": ("BAD", "outage"),
        "neon": ("UNKNOWN", "a refused connection"),
        "git": ("UNKNOWN", "no status page is known"),
    }
    assert (result["verdict"], result["theirs"], result["changed"]) == ("BAD", ["railway", "aws"], False)
    assert "railway: expected operational, got partial outage: Slow builds, since 2026-11-22T02:10:00Z" in result["summary"]
    assert result["screen"][0] == "✔ vercel   operational"
    assert all(len(line) <= 80 for line in result["screen"])
    screen = " ".join(" ".join(result["screen"]).split())
    assert "their support: team@railway.test, Pro plan" in screen
    assert "support@vercel.test" not in screen, "which is well"


def test_pages_that_trickle_or_hang_end_in_time_and_do_not_fail(pages: Pages) -> None:
    given = [{"vendor": vendor, "url": pages.url_of(path)} for vendor, path in (("vercel", "/trickle"), ("render", "/hang"))]
    result = printed_by(vendor_status.main, vendors=["vercel", "render"], pages=given, timeout=0.3)
    assert "failed" not in result
    assert (result["verdict"], result["theirs"]) == ("UNKNOWN", [])


def test_nobody_asked_is_nothing_known() -> None:
    result = printed_by(vendor_status.main, vendors=[])
    assert (result["verdict"], result["summary"], result["screen"]) == ("UNKNOWN", "no vendor is asked", [])


def test_a_token_in_netrc_stays_at_home(pages: Pages, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    sent: list[str] = []

    def listening(visit: Visit) -> None:
        sent.append(visit.headers.get("Authorization", ""))
        visit.answer(200, FINE)

    monkeypatch.setitem(Visit.ROUTES, "/fine", listening)
    printed_by(vendor_status.main, vendors=["vercel"], pages=[{"vendor": "vercel", "url": pages.url_of("/fine")}])
    assert sent == [""]


def test_every_known_page_is_public_and_of_a_known_kind() -> None:
    assert {source.kind for source in KNOWN.values()} <= set(formats.KINDS)
    assert all(source.url.startswith("https://") and source.page.startswith("https://") for source in KNOWN.values())
