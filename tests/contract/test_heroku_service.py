"""What only Heroku's dynos do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport
from ansible_collections.lastgood.recovery.plugins.modules import heroku_service

from tests.contract.bench import Bench, printed_by
from tests.contract.test_heroku_traps import APP, HEROKU, ask
from tests.vendor_proxy import Answer, Proxy, answering

pytestmark = [pytest.mark.once, pytest.mark.parametrize("bench", [HEROKU], indirect=True, ids=str)]


def bring(bench: Bench, check: bool = False, **options: Any) -> dict[str, Any]:
    return printed_by(heroku_service.main, check, **{"poll": 0.05, "timeout": 5, **bench.vendor.options(bench.box), **options})


def dynos(bench: Bench) -> dict[str, str]:
    """State by name."""
    return {row["name"]: row["state"] for row in ask(bench, "GET", f"{APP}/dynos")}


def ids(bench: Bench) -> set[str]:
    return {row["id"] for row in ask(bench, "GET", f"{APP}/dynos")}


UP = {"web.1": "up", "web.2": "up", "worker.1": "up"}


def test_stopped_is_none_of_anything_in_one_call(bench: Bench) -> None:
    result = bring(bench, state="stopped")

    assert (result["changed"], dynos(bench)) == (True, {})
    assert bring(bench, check=True, state="stopped")["before"]["instances"] == {"web": 0, "worker": 0}


@pytest.mark.parametrize("check", [True, False])
def test_running_needs_to_know_how_many(bench: Bench, check: bool) -> None:
    bring(bench, state="stopped")
    before = bench.frozen()

    result = bring(bench, check=check, state="running")

    assert result["error"] == "Refused"
    assert "Heroku has forgotten how many dynos ran; nothing was changed" in result["msg"]
    assert "memory" in result["hint"]
    assert bench.frozen() == before


def test_running_as_the_memory_has_it(bench: Bench, tmp_path: Path) -> None:
    memory = str(tmp_path / "memory")
    bring(bench, state="stopped", memory=memory)

    result = bring(bench, state="running", memory=memory)

    assert (result["after"]["instances"], dynos(bench)) == ({"web": 2, "worker": 1}, UP)
    assert Path(memory).exists(), "the memory is for putting back"


def test_running_with_a_number(bench: Bench) -> None:
    bring(bench, state="stopped")

    bring(bench, state="running", instances={"web": 1})

    assert dynos(bench) == {"web.1": "up"}, "the worker was not asked for"


def test_none_of_anything_is_stopped_and_has_to_be_called_so(bench: Bench) -> None:
    result = bring(bench, instances={"web": 0, "worker": 0})

    assert (result["error"], "state: stopped" in result["hint"]) == ("Refused", True)
    assert bring(bench, instances={"web": 0})["changed"]
    assert dynos(bench) == {"worker.1": "up"}


def test_every_dyno_is_another_one_after_a_restart(bench: Bench) -> None:
    before = ids(bench)
    bench.box.set_latency(**{"heroku.dyno": 0.4})

    result = bring(bench, state="restarted")
    bench.box.set_latency(heroku=0)

    assert result["waited"] >= 0.4
    assert dynos(bench) == UP
    assert before.isdisjoint(ids(bench))


def test_dynos_that_are_still_listed_after_a_restart_are_not_taken_for_new_ones(bench: Bench) -> None:
    """The restart is accepted, and nothing happens."""
    accept = answering(Answer(202).with_json({}), to=lambda call: call.method == "DELETE")
    with Proxy(bench.box.vendor_url("heroku"), accept) as proxy:
        result = bring(bench, state="restarted", timeout=0.3, api_url=proxy.url)

    assert result["error"] == "TimedOut"


@pytest.mark.parametrize("wish", [{"state": "restarted"}, {"state": "running"}, {"instances": {"web": 3}}], ids=str)
def test_dynos_that_crash_are_said_each_time(bench: Bench, wish: dict[str, Any]) -> None:
    bench.ship("crashing")

    for _ in range(2):
        result = bring(bench, **wish)

        assert result["error"] == "ActivationFailed"
        assert "of its dynos crashed, web.1, web.2" in result["msg"]


def test_an_app_that_crashes_can_be_closed_and_stopped(bench: Bench, tmp_path: Path) -> None:
    memory = str(tmp_path / "memory")
    bench.ship("crashing")

    assert bring(bench, maintenance=True, memory=memory)["changed"]
    assert bring(bench, state="stopped", memory=memory)["changed"]

    assert bring(bench, put_back=True, memory=memory)["error"] == "ActivationFailed"
    assert ask(bench, "GET", APP)["maintenance"] is True, "visitors are not let in to that"
    assert Path(memory).exists()


def test_a_process_type_that_the_code_no_longer_has(bench: Bench, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    bring(bench, state="stopped", memory=str(memory))
    remembered = json.loads(memory.read_text())
    memory.write_text(json.dumps({**remembered, "instances": {"web": 2, "clock": 1}}))

    result = bring(bench, put_back=True, memory=str(memory))

    assert (result["error"], "has no clock; nothing was changed" in result["msg"]) == ("Refused", True)


def test_a_process_type_that_is_new_stays_as_it_is(bench: Bench, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    bring(bench, state="stopped", memory=str(memory))
    remembered = json.loads(memory.read_text())
    memory.write_text(json.dumps({**remembered, "instances": {"web": 2}}))

    assert bring(bench, put_back=True, memory=str(memory))["after"]["instances"] == {"web": 2, "worker": 0}
    assert dynos(bench) == {"web.1": "up", "web.2": "up"}


@pytest.mark.parametrize("took_effect", [True, False])
def test_an_answer_that_is_lost(bench: Bench, took_effect: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01,))
    lost = answering(Answer(502), to=lambda call: call.method == "PATCH", times=1, heard=took_effect)

    with Proxy(bench.box.vendor_url("heroku"), lost) as proxy:
        result = bring(bench, instances={"web": 4}, api_url=proxy.url)

    assert result["changed"], result
    assert sum(name.startswith("web.") for name in dynos(bench)) == 4


def test_a_number_that_heroku_does_not_allow_is_said_in_its_words(bench: Bench) -> None:
    result = bring(bench, instances={"web": 300})

    assert (result["error"], "Cannot have 300 web dynos" in result["msg"]) == ("BadRequest", True)


@pytest.mark.parametrize("answer", ["[]", "{}"])
def test_a_formation_that_is_not_told_is_not_taken_for_nothing_to_stop(bench: Bench, answer: str) -> None:
    odd = answering(Answer(200, answer.encode()), to=lambda call: call.path.endswith("/formation"))
    with Proxy(bench.box.vendor_url("heroku"), odd) as proxy:
        result = bring(bench, state="stopped", api_url=proxy.url)

    assert (result.get("failed"), "nothing was changed" in result["msg"]) == (True, True), result


def test_one_off_dynos_are_not_counted(bench: Bench) -> None:
    bench.box.set_latency(**{"heroku.phase": 60})
    ask(bench, "PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "debug"})
    assert "release" in {row["type"] for row in ask(bench, "GET", f"{APP}/dynos")}

    result = bring(bench, instances={"web": 3})
    bench.box.set_latency(heroku=0)

    assert result["after"]["instances"] == {"web": 3, "worker": 1}
