"""Releases at Heroku: always a new one, behind a release phase, served by the dynos that are up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.sandbox.vendor_api import Api

APP = "/apps/accounts"
Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def heroku(box: Box) -> Api:
    return vendor_api.heroku(box)


def releases(heroku: Api, wanted: str = "version ..; max=10, order=desc") -> Any:
    heroku.session.headers["Range"] = wanted
    answer = heroku.call("GET", f"{APP}/releases")
    del heroku.session.headers["Range"]
    assert answer.status_code in (200, 206)
    return answer.json()


def current(heroku: Api) -> Any:
    (one,) = [row for row in heroku.get(f"{APP}/releases") if row["current"]]
    return one


def served(box: Box) -> Any:
    return requests.get(f"{box.served_url('accounts')}/version", timeout=5).json()


def test_code_with_todays_variables_or_with_the_old_ones(box: Box, heroku: Api) -> None:
    good = current(heroku)
    box.ship("accounts", "breaks-checkout")
    heroku.send("PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "debug"})
    heroku.send("POST", f"{APP}/releases", {"slug": good["slug"]["id"]}, 201)
    assert heroku.get(f"{APP}/config-vars")["LOG_LEVEL"] == "debug"
    made = heroku.send("POST", f"{APP}/releases", {"release": good["id"]}, 201)
    assert made["description"] == f"Rollback to v{good['version']}"
    assert heroku.get(f"{APP}/config-vars")["LOG_LEVEL"] == "info"
    assert served(box)["release"] == made["id"]


def test_a_version_is_no_release_to_go_back_to(heroku: Api) -> None:
    heroku.send("POST", f"{APP}/releases", {"release": "v3"}, 404)
    failed = next(row for row in heroku.get(f"{APP}/releases") if row["status"] == "failed")
    assert heroku.send("POST", f"{APP}/releases", {"release": failed["id"]}, 422)["id"] == "invalid_params"


def test_a_release_phase_that_fails_leaves_the_release_before_current(box: Box, heroku: Api) -> None:
    before = current(heroku)
    box.control("fail", target="accounts")
    box.ship("accounts", "good")
    newest = releases(heroku)[0]
    assert (newest["status"], newest["current"], newest["eligible_for_rollback"]) == ("failed", False, False)
    assert current(heroku)["id"] == before["id"]
    assert "Migration failed" in requests.get(newest["output_stream_url"], timeout=5).text


def test_pending_then_current_then_up(box: Box, heroku: Api, eventually: Eventually) -> None:
    good = current(heroku)
    box.ship("accounts", "breaks-checkout")
    box.set_latency(**{"heroku.phase": 0.3, "heroku.dyno": 0.3})
    made = heroku.send("POST", f"{APP}/releases", {"slug": good["slug"]["id"]}, 201)
    assert (made["status"], made["current"]) == ("pending", False)
    eventually(lambda: current(heroku)["id"] == made["id"])
    web = [row for row in heroku.get(f"{APP}/dynos") if row["type"] == "web"]
    assert {(row["state"], row["release"]["version"]) for row in web} == {("starting", made["version"])}
    assert requests.get(f"{box.served_url('accounts')}/version", timeout=5).text == "H20"
    eventually(lambda: {row["state"] for row in heroku.get(f"{APP}/dynos")} == {"up"})
    assert served(box)["release"] == made["id"]


def test_dynos_that_crash_take_the_app_down(box: Box, heroku: Api) -> None:
    shipped = box.ship("accounts", "crashing")
    assert current(heroku)["id"] == shipped["release"]
    assert {row["state"] for row in heroku.get(f"{APP}/dynos")} == {"crashed"}
    assert requests.get(f"{box.served_url('accounts')}/version", timeout=5).text == "H10"


def test_a_build_can_be_cancelled_by_those_who_know_how(box: Box, heroku: Api) -> None:
    box.set_latency(**{"heroku.build": 60})
    build = box.ship("accounts", "slow-build")["build"]
    heroku.send("DELETE", f"{APP}/builds/{build}", status=404)
    heroku.session.headers["Accept"] = "application/vnd.heroku+json; version=3.cancel-build"
    assert heroku.send("DELETE", f"{APP}/builds/{build}")["status"] == "failed"
    heroku.send("DELETE", f"{APP}/builds/{build}", status=422)


def test_a_change_of_variables_is_a_release_and_that_of_an_add_on_is_refused(heroku: Api) -> None:
    before = current(heroku)
    heroku.send("PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "info"})
    assert current(heroku)["id"] == before["id"], "nothing changed"
    heroku.send("PATCH", f"{APP}/config-vars", {"LOG_LEVEL": None})
    assert (current(heroku)["slug"], current(heroku)["description"]) == (before["slug"], "Remove LOG_LEVEL config vars")
    assert "LOG_LEVEL" in heroku.get(f"{APP}/releases/{before['id']}/config-vars")
    assert "DATABASE_URL" in heroku.send("PATCH", f"{APP}/config-vars", {"DATABASE_URL": None}, 422)["message"]


def test_scaled_to_nothing_it_serves_nothing(box: Box, heroku: Api) -> None:
    heroku.send("PATCH", f"{APP}/formation/web", {"quantity": 0})
    assert requests.get(f"{box.served_url('accounts')}/version", timeout=5).text == "H14"
    heroku.send("PATCH", f"{APP}/formation/web", {"quantity": 3})
    assert len([row for row in heroku.get(f"{APP}/dynos") if row["type"] == "web"]) == 3
    heroku.send("PATCH", f"{APP}/formation/web", {"quantity": 300}, 422)


def test_maintenance_shows_a_page_and_makes_no_release(box: Box, heroku: Api) -> None:
    before = current(heroku)
    heroku.send("PATCH", APP, {"maintenance": True})
    assert requests.get(f"{box.served_url('accounts')}/version", timeout=5).status_code == 503
    assert current(heroku)["id"] == before["id"]
    heroku.send("PATCH", APP, {"maintenance": False})
    assert served(box)["release"] == before["id"]


def test_a_log_is_read_at_an_address_of_its_own_once(heroku: Api) -> None:
    session = heroku.send("POST", f"{APP}/log-sessions", {"lines": 5, "tail": False}, 201)
    lines = requests.get(session["logplex_url"], timeout=5)
    assert "heroku[worker.1]: State changed" in lines.text
    assert requests.get(session["logplex_url"], timeout=5).status_code == 404


def test_pages_join_without_gap(heroku: Api) -> None:
    everything = [row["version"] for row in releases(heroku, "version ..; max=1000, order=desc")]
    paged: list[int] = []
    wanted = "version ..; max=3, order=desc"
    while wanted:
        answer = requests.get(f"{heroku._base}{APP}/releases", headers={**heroku.session.headers, "Range": wanted}, timeout=5)
        paged += [row["version"] for row in answer.json()]
        wanted = answer.headers.get("Next-Range", "")
        assert answer.status_code == (206 if wanted else 200)
    assert paged == everything
    assert sorted(everything) == [row["version"] for row in heroku.get(f"{APP}/releases")]


def test_calls_are_given_back_one_by_one(box: Box, heroku: Api, eventually: Eventually) -> None:
    box.control("rates", on=True, bucket="heroku.account", limit=2, seconds=2)
    answers = [heroku.call("GET", APP) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2].json()["id"], answers[2].headers["RateLimit-Remaining"]) == ("rate_limit", "0")
    assert heroku.get("/account/rate-limits") == {"remaining": 0}, "asking costs nothing"
    eventually(lambda: heroku.call("GET", APP).status_code == 200)


def test_times_can_be_whole_seconds(box: Box, heroku: Api) -> None:
    box.set_latency(**{"heroku.rounding": 1})
    assert all(row["created_at"].endswith(":11Z") for row in heroku.get(f"{APP}/releases"))
    box.set_latency(**{"heroku.rounding": 0})


def test_errors_are_in_the_vendors_words(heroku: Api) -> None:
    assert heroku.send("GET", "/apps/nowhere", status=404) == {"id": "not_found", "message": "Couldn't find that app.", "resource": "app"}
    heroku.session.headers["Authorization"] = "Bearer wrong"
    assert heroku.send("GET", APP, status=401)["id"] == "unauthorized"
    heroku.session.headers["Accept"] = "application/json"
    assert heroku.call("GET", APP).status_code == 401
