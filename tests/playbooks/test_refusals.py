"""Whatever is in the way: one clear message with what, why, that nothing was changed, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import checkout_works, remembered, served, world


def vercel(box: Box, **other: str) -> dict[str, Any]:
    """The inventory's way to reach Vercel, but for what is given."""
    known = {"team": "team_lastgood", "token": "sandbox-vercel-token", "api_url": box.vendor_url("vercel")}
    return {"vercel": known | other}


def render(box: Box, **other: str) -> dict[str, Any]:
    return {"render": {"api_key": "sandbox-render-token", "api_url": f"{box.vendor_url('render')}/v1"} | other}


def project(box: Box, name: str) -> dict[str, Any]:
    return {"service": vercel(box)["vercel"] | {"project": name}, "provider": "vercel", "reach": {"vercel": [name]}}


REFUSALS: dict[str, tuple[Callable[[Box], dict[str, Any]], tuple[str, ...]]] = {
    "wrong Vercel token": (
        lambda box: vercel(box, token="not-a-token"),
        ("Vercel answered 403", "nothing was changed", "Check VERCEL_TOKEN: it must be valid"),
    ),
    "wrong Render key": (
        lambda box: render(box, api_key="not-a-key"),
        ("Render answered 401", "nothing was changed", "Check RENDER_API_KEY: it must be valid"),
    ),
    "a target out of reach": (
        lambda box: project(box, "storefront") | {"reach": {"vercel": ["backoffice"]}},
        ("storefront at vercel is not within the reach of this inventory", "nothing was changed", "add it to reach.vercel"),
    ),
    "unknown project": (
        lambda box: project(box, "warehouse"),
        ("Vercel answered 404", "nothing was changed", "Check project and team"),
    ),
    "unknown team": (
        lambda box: vercel(box, team="team_of_others"),
        ("Vercel answered 40", "nothing was changed", "Check "),
    ),
    "no release is old enough": (
        lambda box: {"good_at": "2020-01-01T00:00:00Z"},
        ("nothing was serving at 2020-01-01T00:00:00.000Z", "nothing was changed", "Good releases: dpl_"),
    ),
    "no flows": (
        lambda box: {"flows": {"frontend": []}},
        ("there are no flows for checkout in the inventory", "nothing was changed", 'Write "checkout:" below "flows:"'),
    ),
    "not a time": (
        lambda box: {"bad_at": "yesterday evening"},
        ("'yesterday evening' is not a time", "nothing was changed", "Write 02:38 or 2026-11-22T02:38:00Z (UTC)."),
    ),
}


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_says_what_why_and_what_next(box: Box, operator: Operator, reason: str) -> None:
    variables, told = REFUSALS[reason]
    box.ship("storefront", "breaks-checkout")
    state = remembered(box)

    ran = operator.run(**variables(box))

    assert ran.code == 2, ran.screen
    assert [text for text in told if text not in ran.words] == [], ran.screen
    assert "Traceback" not in ran.screen
    assert remembered(box) == state


@pytest.mark.once
def test_a_vendor_that_is_down(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    before = world(box)
    box.control("outage", vendor="vercel")

    ran = operator.run()

    assert ran.code == 2, ran.screen
    assert "Vercel does not answer GET /v9/projects/storefront: answered 503; nothing was changed" in ran.words
    assert "Look at the vendor's status page, then run the same command again." in ran.words
    assert world(box) == before
    box.control("outage", vendor="vercel", on=False)
    assert operator.run().code == 0


@pytest.mark.once
def test_what_vercel_s_retention_deleted_is_refused_by_name(box: Box, operator: Operator) -> None:
    """It is not passed over in silence: to go further back is for a person to say, with a time that the message gives."""
    lost = served(box)["shop.rachelfoods.test"]
    ids = {row["commit"]: row["id"] for row in box.state()["vercel"]["deployments"].values()}
    box.ship("storefront", "breaks-checkout")
    box.control("retention", target="storefront", release=ids[lost])

    refused = operator.run()
    said = " ".join(refused.screen.split())
    assert refused.code == 2
    assert f"storefront: {lost[:7]} served at" in said
    assert "cannot any more (DELETED); nothing was changed" in said
    offered = re.search(r"since (\S+Z),", said)
    assert offered

    ran = operator.run(good_at=offered[1])
    assert ran.code == 0, ran.screen
    assert checkout_works(box)
    assert lost not in served(box).values()


@pytest.mark.once
def test_what_render_lists_but_no_longer_keeps(box: Box, operator: Operator) -> None:
    """Render only says so when it is asked for it: by then pushes are held, and the message says that they are."""
    lost = next(row["id"] for row in box.state()["render"]["deploys"].values() if row["serviceId"] == "srv-api" and row["status"] == "live")
    box.ship("api", "breaks-checkout")
    box.control("retention", target="api", release=lost)
    before = served(box)

    ran = operator.run()

    assert ran.code == 11, ran.screen
    assert "Render answered 400: cannot roll back" in ran.words
    assert "asked for before that: PATCH /services/srv-api" in ran.words
    assert "name a newer release" in ran.words
    assert served(box) == before


@pytest.mark.once
def test_a_price_plan_that_goes_back_one_release_only(box: Box, operator: Operator) -> None:
    friday = datetime.now(UTC).isoformat(timespec="seconds")
    box.ship("storefront", "good")
    box.ship("storefront", "breaks-checkout")
    box.control("plan", target="storefront", plan="hobby")
    before = served(box)

    ran = operator.run("--limit", "frontend", good_at=friday)

    assert ran.code == 11, ran.screen
    assert "Vercel answered 402: To roll back further than the previous production deployment, upgrade to pro" in ran.words
    assert "The Hobby plan goes back one production deployment only; name that one, or upgrade." in ran.words
    assert served(box) == before
