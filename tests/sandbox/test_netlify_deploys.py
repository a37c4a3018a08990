"""Deploys on Netlify: what is published, what a restore does, and what a lock keeps away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from sandbox.netlify.seed import SITE_ID
from sandbox.testing import Box
from tests.sandbox.vendor_api import Api

SITE = f"/sites/{SITE_ID}"
Eventually = Callable[[Callable[[], Any]], Any]


def published(netlify: Api) -> Any:
    return netlify.get(SITE)["published_deploy"]


def deploys(netlify: Api, **query: Any) -> Any:
    return netlify.get(f"{SITE}/deploys", **query)


def restore(netlify: Api, deploy: str, status: int = 201) -> Any:
    return netlify.send("POST", f"{SITE}/deploys/{deploy}/restore", status=status)


def served(box: Box) -> Any:
    return requests.get(f"{box.served_url('blog.rachelfoods.test')}/version", timeout=5).json()["release"]


def test_a_restore_publishes_the_old_deploy_under_its_own_id(box: Box, netlify: Api, eventually: Eventually) -> None:
    good, bad = published(netlify), box.ship("blog", "breaks-checkout")["release"]
    box.set_latency(**{"netlify.restore": 0.4})
    count = len(deploys(netlify))

    assert restore(netlify, good["id"])["id"] == good["id"]

    assert served(box) == published(netlify)["id"] == bad
    eventually(lambda: published(netlify)["id"] == good["id"])
    assert served(box) == good["id"]
    assert len(deploys(netlify)) == count
    assert published(netlify)["published_at"] > good["published_at"]


def test_a_restore_does_not_hold_the_next_push(box: Box, netlify: Api) -> None:
    good = published(netlify)["id"]
    box.ship("blog", "breaks-checkout")
    restore(netlify, good)

    shipped = box.ship("blog")

    assert (shipped["held"], published(netlify)["id"]) == (False, shipped["release"])


def test_a_lock_holds_what_is_built_and_unlocking_publishes_nothing(box: Box, netlify: Api) -> None:
    good = published(netlify)["id"]
    netlify.send("POST", f"/deploys/{good}/lock")

    shipped = box.ship("blog")

    assert (shipped["held"], published(netlify)["id"]) == (True, good)
    waiting = netlify.get(f"/deploys/{shipped['release']}")
    assert (waiting["state"], waiting["published_at"]) == ("ready", None)
    netlify.send("POST", f"/deploys/{good}/unlock")
    assert published(netlify)["id"] == good


def test_a_lock_belongs_to_the_published_deploy(box: Box, netlify: Api) -> None:
    good, bad = published(netlify)["id"], box.ship("blog")["release"]
    netlify.send("POST", f"/deploys/{good}/lock")
    assert box.ship("blog")["held"] is False, "a lock on another deploy holds nothing"
    netlify.send("POST", f"/deploys/{published(netlify)['id']}/lock")
    restore(netlify, bad)
    assert published(netlify)["locked"] is False, "publishing by hand takes the lock off"


def test_rolling_back_twice_comes_back(box: Box, netlify: Api) -> None:
    good, bad = published(netlify)["id"], box.ship("blog", "breaks-checkout")["release"]
    for expected in (good, bad):
        netlify.send("PUT", f"{SITE}/rollback", status=204)
        assert published(netlify)["id"] == expected


def test_a_broken_build_says_why_and_a_crashing_release_is_served(box: Box, netlify: Api) -> None:
    good = published(netlify)["id"]
    broken = netlify.get(f"/deploys/{box.ship('blog', 'failing-build')['release']}")
    assert (broken["state"], published(netlify)["id"]) == ("error", good)
    assert "exit code" in broken["error_message"]
    restore(netlify, broken["id"], 422)
    box.ship("blog", "crashing")
    assert requests.get(f"{box.served_url('blog.rachelfoods.test')}/", timeout=5).status_code == 500


def test_formerly_published_ones_may_be_old_and_are_found_without_a_state_only(netlify: Api) -> None:
    states = {deploy["state"] for deploy in deploys(netlify, production="true") if deploy["published_at"]}
    assert states == {"ready", "old"}
    assert all(deploy["state"] == "ready" for deploy in deploys(netlify, state="ready"))
    restore(netlify, next(deploy["id"] for deploy in deploys(netlify) if deploy["state"] == "old"))
    assert published(netlify)["state"] == "ready"


def test_an_activation_can_fail_and_a_deploy_can_be_lost(box: Box, netlify: Api) -> None:
    good, bad = published(netlify)["id"], box.ship("blog", "breaks-checkout")["release"]
    box.control("fail", target="blog")
    restore(netlify, good)
    assert published(netlify)["id"] == bad
    box.control("retention", target="blog", release=good)
    assert netlify.get(f"/deploys/{good}")["state"] == "deleted"
    restore(netlify, good, 422)


def test_stopped_builds_and_a_disabled_site(box: Box, netlify: Api) -> None:
    netlify.send("PATCH", SITE, {"build_settings": {"stop_builds": True}})
    assert (box.ship("blog")["release"], box.ship("blog")["held"]) == (None, True)
    netlify.send("PUT", f"{SITE}/disable", status=204, reason="attack")
    assert requests.get(f"{box.served_url('blog.rachelfoods.test')}/", timeout=5).status_code == 503
    netlify.send("PUT", f"{SITE}/enable", status=204)
    assert served(box) == published(netlify)["id"]


def test_a_build_takes_the_variables_of_its_day(box: Box, netlify: Api) -> None:
    query = {"site_id": SITE_ID}
    netlify.send("PATCH", "/accounts/lastgood/env/LOG_LEVEL", {"context": "production", "value": "debug"}, 201, **query)
    before = box.state()["netlify"]["deploys"][published(netlify)["id"]]["env"]
    built = netlify.send("POST", f"{SITE}/builds")["deploy_id"]
    after = box.state()["netlify"]["deploys"][built]["env"]
    assert (before["LOG_LEVEL"], after["LOG_LEVEL"]) == ("info", "debug")


def test_pages_follow_the_link_header(netlify: Api) -> None:
    everything = [deploy["id"] for deploy in deploys(netlify)]
    paged, page = [], 1
    while page:
        answer = netlify.call("GET", f"{SITE}/deploys", page=page, per_page=3)
        paged += [deploy["id"] for deploy in answer.json()]
        page = page + 1 if "next" in answer.links else 0
    assert paged == everything


def test_the_limit_resets_at_an_instant(box: Box, netlify: Api) -> None:
    box.control("rates", on=True, bucket="netlify.read", limit=1, seconds=30)
    answers = [netlify.call("GET", SITE) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert 0 < int(answers[1].headers["X-RateLimit-Reset"]) - time.time() <= 31


def test_errors_are_in_the_vendors_words(netlify: Api) -> None:
    assert netlify.call("GET", "/sites/none").json() == {"code": 404, "message": "Not Found"}
    unknown = netlify.call("GET", "/nowhere")
    assert (unknown.status_code, unknown.text, unknown.headers["Content-Type"].split(";")[0]) == (404, "Not Found", "text/plain")
    netlify.session.headers["Authorization"] = "Bearer wrong"
    refused = netlify.call("GET", "/sites")
    assert (refused.status_code, refused.json()) == (401, {"code": 401, "message": "Access Denied"})
