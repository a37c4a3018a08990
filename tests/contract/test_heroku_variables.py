"""What only Heroku's config vars do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport
from ansible_collections.lastgood.recovery.plugins.modules import heroku_variables, variables_info

from tests.contract.bench import Bench, now, printed_by
from tests.contract.test_heroku_traps import APP, FIR, HEROKU, ask, history
from tests.faults.shapes import shifted
from tests.vendor_proxy import Answer, Disturb, Exchange, Forward, Proxy, answering

pytestmark = [pytest.mark.once, pytest.mark.parametrize("bench", [HEROKU], indirect=True, ids=str)]


def put(bench: Bench, check: bool = False, **options: Any) -> dict[str, Any]:
    return printed_by(heroku_variables.main, check, **{"poll": 0.05, "timeout": 5, **bench.vendor.options(bench.box), **options})


def put_through(bench: Bench, disturb: Disturb, **options: Any) -> dict[str, Any]:
    """The same with something between the module and Heroku."""
    with Proxy(bench.box.vendor_url("heroku"), disturb) as proxy:
        return put(bench, api_url=proxy.url, **options)


def running(bench: Bench) -> dict[str, str]:
    """What the dynos that are up were started with."""
    variables: dict[str, str] = bench.box.state()["serving"]["accounts"]["variables"]
    return variables


def addon(bench: Bench) -> str:
    (row,) = ask(bench, "GET", f"{APP}/addons")
    return str(row["id"])


def test_every_change_is_one_call_and_one_release(bench: Bench) -> None:
    before = history(bench)[0]["version"]

    result = put(bench, variables={"A": "1", "B": "2", "LOG_LEVEL": None})

    assert history(bench)[0]["version"] == before + 1
    assert result["serving"]["id"] == history(bench)[0]["id"]
    assert not put(bench, variables={"A": "1", "B": "2", "LOG_LEVEL": None})["changed"]
    assert history(bench)[0]["version"] == before + 1


def test_as_of_a_moment_before_credentials_were_rotated(bench: Bench) -> None:
    """What the add-on keeps stays as it is today."""
    today = running(bench)["DATABASE_URL"]
    rotated = next(row for row in history(bench) if row["description"].startswith("Update DATABASE"))
    moment = datetime.fromisoformat(rotated["created_at"]) - timedelta(hours=1)

    result = put(bench, as_of=moment.isoformat())

    assert (result["removed"], result["written"]) == (["SESSION_DAYS"], [])
    assert "left as they are: DATABASE_URL" in result["warnings"][0]
    assert running(bench) == {"CURRENCY": "EUR", "LOG_LEVEL": "info", "DATABASE_URL": today}


def test_as_of_a_moment_with_an_add_on_that_is_gone(bench: Bench) -> None:
    """Its DATABASE_URL would come back as a value of nobody's, and lead to a database that is no more."""
    moment = now()
    ask(bench, "DELETE", f"{APP}/addons/{addon(bench)}")
    ask(bench, "PATCH", f"{APP}/config-vars", {"DATABASE_URL": "postgres://the-new-one"})

    result = put(bench, as_of=moment)

    assert result["error"] == "Refused"
    assert "heroku-postgresql:standard-0" in result["msg"]
    assert running(bench)["DATABASE_URL"] == "postgres://the-new-one"


def test_as_of_a_moment_that_heroku_does_not_know(bench: Bench) -> None:
    result = put(bench, as_of="2020-01-01T00:00:00Z")

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Refused", True)


def test_what_never_served_is_no_history(bench: Bench) -> None:
    """The release phase failed: the app is configured like that, and was never run like that."""
    bench.box.control("fail", target="accounts")
    ask(bench, "PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "debug"})

    assert put(bench, as_of=now())["written"] == ["LOG_LEVEL"]
    assert ask(bench, "GET", f"{APP}/config-vars")["LOG_LEVEL"] == "info"


def test_whole_seconds_do_not_hide_what_it_was_like_a_moment_ago(bench: Bench) -> None:
    bench.box.set_latency(**{"heroku.rounding": 1})
    try:
        ask(bench, "PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "warn"})
        moment = (datetime.now(UTC) + timedelta(milliseconds=1)).isoformat()
        put(bench, variables={"LOG_LEVEL": "debug"})
        put(bench, as_of=moment)
    finally:
        bench.box.set_latency(**{"heroku.rounding": 0})

    assert running(bench)["LOG_LEVEL"] == "warn"


def test_a_release_phase_that_fails_leaves_them_changed_and_not_run(bench: Bench) -> None:
    bench.box.control("fail", target="accounts")

    failed = put(bench, variables={"LOG_LEVEL": "debug"})

    assert failed["error"] == "ActivationFailed"
    assert "the config vars stay changed" in failed["msg"]
    assert running(bench)["LOG_LEVEL"] == "info"

    again = put(bench, variables={"LOG_LEVEL": "debug"})
    assert (again["written"], again["redeployed"]) == ([], True)
    assert running(bench)["LOG_LEVEL"] == "debug"


def test_a_run_that_was_killed_while_the_release_was_on_its_way_is_waited_for(bench: Bench) -> None:
    before = history(bench)[0]["version"]
    bench.box.set_latency(**{"heroku.phase": 0.4, "heroku.dyno": 0.4})
    ask(bench, "PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "debug"})

    result = put(bench, variables={"LOG_LEVEL": "debug"})
    bench.box.set_latency(heroku=0)

    assert result["redeployed"], result
    assert history(bench)[0]["version"] == before + 1, "the same release, not another one"
    assert running(bench)["LOG_LEVEL"] == "debug"


def test_dynos_that_never_come_up_are_never_called_configured(bench: Bench) -> None:
    before = history(bench)[0]["version"]
    bench.box.set_latency(**{"heroku.dyno": 60})

    for _ in range(2):
        assert put(bench, variables={"LOG_LEVEL": "debug"}, timeout=0.3)["error"] == "TimedOut"
    bench.box.set_latency(heroku=0)

    assert history(bench)[0]["version"] == before + 1


def test_code_that_crashes_with_them_is_said_and_other_values_can_follow(bench: Bench) -> None:
    bench.ship("crashing")

    for _ in range(2):
        result = put(bench, variables={"LOG_LEVEL": "debug"})
        assert result["error"] == "ActivationFailed"
        assert "3 of its dynos crashed" in result["msg"]

    put(bench, variables={"LOG_LEVEL": "info"})
    assert ask(bench, "GET", f"{APP}/config-vars")["LOG_LEVEL"] == "info"


@pytest.mark.parametrize("took_effect", [True, False])
def test_an_answer_that_is_lost(bench: Bench, took_effect: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01,))
    before, wanted = history(bench)[0]["version"], {"LOG_LEVEL": "debug", "NEW": "value"}

    lost = answering(Answer(502), to=lambda call: call.method == "PATCH", times=1, heard=took_effect)
    result = put_through(bench, lost, variables=wanted)

    assert (result["changed"], running(bench)["NEW"]) == (True, "value"), result
    assert history(bench)[0]["version"] == before + 1


@pytest.mark.parametrize("took_effect", [True, False])
def test_an_answer_to_the_release_that_is_lost(bench: Bench, took_effect: bool) -> None:
    before = history(bench)[0]

    lost = answering(Answer(502), to=lambda call: call.method == "POST", times=1, heard=took_effect)
    result = put_through(bench, lost, variables={"LOG_LEVEL": "info"}, redeploy="always")

    assert result["serving"]["id"] == history(bench)[0]["id"], result
    assert history(bench)[0]["version"] == before["version"] + 1


@pytest.mark.parametrize("answer", [{}, {"LOG_LEVEL": None}, {"LOG_LEVEL": "made-up"}], ids=str)
@pytest.mark.parametrize("part", ["releases/", "accounts/config-vars"])
def test_an_answer_that_is_untrue_once(bench: Bench, part: str, answer: dict[str, Any]) -> None:
    moment = now()
    bent: list[Exchange] = []
    put(bench, variables={"LOG_LEVEL": "debug", "NEW": "value"})

    def disturb(call: Exchange, forward: Forward) -> Answer:
        truth = forward()
        if not bent and call.path.endswith("/config-vars") and part in call.path:
            bent.append(call)
            return truth.with_json(answer)
        return truth

    result = put_through(bench, disturb, as_of=moment)

    assert bent
    if result.get("failed"):
        assert (result["error"] in ("Unavailable", "Unreadable"), "nothing was changed" in result["msg"]) == (True, True)
        put(bench, as_of=moment)
    assert (running(bench)["LOG_LEVEL"], "NEW" in running(bench)) == ("info", False)


@pytest.mark.parametrize("seconds", [600, -600])
def test_clocks_that_mean_different_values_by_the_same_time(bench: Bench, seconds: int) -> None:
    put(bench, variables={"LOG_LEVEL": "warn"})
    moment = now()
    put(bench, variables={"LOG_LEVEL": "debug"})

    def skewed(call: Exchange, forward: Forward) -> Answer:
        answer = forward()
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
        return replace(answer, headers={**answer.headers, "Date": date}).with_json(shifted(answer.json(), seconds))

    result = put_through(bench, skewed, as_of=moment)

    assert (result["error"], ("ahead of" if seconds > 0 else "behind") in result["msg"]) == ("ClocksDiffer", True), result


def test_always_starts_the_same_code_once_more(bench: Bench) -> None:
    code, before = bench.served(), history(bench)[0]["version"]

    result = put(bench, variables={"LOG_LEVEL": "info"}, redeploy="always")

    assert (result["written"], result["redeployed"], bench.served()) == ([], True, code)
    assert history(bench)[0]["version"] == before + 1


@pytest.mark.parametrize("check", [True, False])
def test_a_change_without_a_restart_is_refused(bench: Bench, check: bool) -> None:
    before = bench.frozen()

    result = put(bench, check=check, variables={"LOG_LEVEL": "debug"}, redeploy="never")

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Refused", True)
    assert bench.frozen() == before
    assert not put(bench, check=check, variables={"LOG_LEVEL": "info"}, redeploy="never")["changed"]


def test_an_app_that_is_scaled_to_nothing_is_configured(bench: Bench) -> None:
    ask(bench, "PATCH", f"{APP}/formation", {"updates": [{"type": "web", "quantity": 0}, {"type": "worker", "quantity": 0}]})

    assert put(bench, variables={"LOG_LEVEL": "debug"})["changed"]
    assert not put(bench, variables={"LOG_LEVEL": "debug"})["changed"]


def test_another_app_s_add_on_keeps_its_variable_too(bench: Bench) -> None:
    fir = Bench(replace(FIR), bench.box)

    assert "ACCOUNTS_DATABASE_URL" in put(fir, variables={"ACCOUNTS_DATABASE_URL": None})["msg"]
    assert put(fir, variables={"CURRENCY": "USD"}, exclusive=True)["removed"] == ["SESSION_DAYS"]
    assert "ACCOUNTS_DATABASE_URL" in ask(fir, "GET", "/apps/accounts-fir/config-vars")


def test_a_name_that_heroku_does_not_accept_is_said_in_its_words(bench: Bench) -> None:
    result = put(bench, variables={"NOT-A-NAME": "planted-secret"})

    assert result["error"] == "BadRequest"
    assert "Invalid config var names" in result["msg"]
    assert "Correct what Heroku names" in result["hint"]
    assert "planted-secret" not in str(result)


def test_what_add_ons_keep_is_not_captured(bench: Bench) -> None:
    seen = printed_by(variables_info.main, provider="heroku", service=bench.vendor.options(bench.box))

    assert set(seen["variables"]) == {"CURRENCY", "LOG_LEVEL", "SESSION_DAYS"}
