"""A service is stopped, scaled and closed, and put back exactly as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Box
from tests.contract.bench import Bench, now, printed_by
from tests.contract.operated import OPERATED, Operated
from tests.contract.vendors import VENDORS


class Operator(Bench):
    """The service of one vendor's target."""

    operated: Operated

    def bring(self, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"poll": 0.05, "timeout": 5, **self.vendor.options(self.box), **self.operated.options, **options}
        return printed_by(self.operated.module.main, check, **given)

    def answers(self) -> str:
        """Empty while the address serves a release, else why it does not."""
        reason: str = self.box.state()["serving"][self.vendor.address]["unavailable"]
        return reason


@pytest.fixture(params=OPERATED, ids=str)
def operator(request: pytest.FixtureRequest, box: Box) -> Operator:
    operator = Operator(next(vendor for vendor in VENDORS if vendor.name == request.param.vendor), box)
    operator.operated = request.param
    return operator


@pytest.fixture
def counted(operator: Operator) -> Operator:
    if not operator.operated.instances:
        pytest.skip("this vendor has no instances to count")
    return operator


def test_stopped_and_running_again(operator: Operator, tmp_path: Path) -> None:
    code, memory = operator.served(), str(tmp_path / "memory")

    stopped = operator.bring(state="stopped", memory=memory)
    assert stopped["changed"], stopped
    assert operator.answers()
    assert not operator.bring(state="stopped", memory=memory)["changed"]

    back = operator.bring(put_back=True, memory=memory)
    assert back["changed"], back
    assert (operator.answers(), operator.served()) == ("", code)


def test_check_mode_predicts_and_changes_nothing(operator: Operator) -> None:
    before = operator.frozen()

    predicted = operator.bring(check=True, state="stopped")
    assert operator.frozen() == before

    done = operator.bring(state="stopped")
    for key in ("changed", "before", "after", "diff"):
        assert predicted[key] == done[key], key
    assert predicted["summary"] == f"would be {done['summary']}"


def test_visitors_are_kept_out_and_let_in(operator: Operator) -> None:
    first, second = operator.bring(maintenance=True), operator.bring(maintenance=True)

    assert (first["changed"], second["changed"]) == (True, False), first
    assert operator.answers() == operator.operated.closed
    assert operator.bring(maintenance=False)["changed"]
    assert operator.answers() == ""


def test_a_number_of_instances(counted: Operator) -> None:
    kind = counted.operated.instances

    first, second = counted.bring(instances={kind: 5}), counted.bring(instances={kind: 5})

    assert (first["changed"], second["changed"]) == (True, False), first
    assert first["before"]["instances"][kind] == counted.operated.seeded
    assert counted.bring(check=True, maintenance=False)["before"]["instances"][kind] == 5


def test_at_least_so_many_never_takes_any_away(counted: Operator) -> None:
    kind = counted.operated.instances
    before = counted.frozen()

    assert not counted.bring(instances={kind: 1}, at_least=True)["changed"]
    assert counted.frozen() == before
    assert counted.bring(instances={kind: 5}, at_least=True)["after"]["instances"][kind] == 5


def test_everything_is_put_back_exactly(counted: Operator, tmp_path: Path) -> None:
    kind, memory = counted.operated.instances, str(tmp_path / "memory")
    before = counted.bring(check=True, maintenance=False)["before"]

    counted.bring(instances={kind: 5}, maintenance=True, memory=memory)
    counted.bring(state="stopped", memory=memory)
    assert json.loads(Path(memory).read_text()) == before, "the first memory stands"
    result = counted.bring(put_back=True, memory=memory)

    assert result["after"] == before
    assert counted.bring(check=True, maintenance=False)["before"] == before
    assert not Path(memory).exists()
    assert counted.bring(put_back=True, memory=memory)["summary"] == f"nothing is remembered in {memory}"


def test_the_memory_is_for_its_owner_only(operator: Operator, tmp_path: Path) -> None:
    memory = tmp_path / "below" / "memory"

    operator.bring(state="stopped", memory=str(memory))

    assert memory.stat().st_mode & 0o777 == 0o600


def test_a_memory_that_is_none_is_refused(operator: Operator, tmp_path: Path) -> None:
    for content in ("not JSON", '{"running": true, "colour": "red"}', "[]"):
        memory = tmp_path / "memory"
        memory.write_text(content)

        result = operator.bring(put_back=True, memory=str(memory))

        assert result["error"] == "Refused", content
        assert "nothing was changed" in result["msg"]


def test_restarted(operator: Operator) -> None:
    code = operator.served()

    result = operator.bring(state="restarted")

    if not operator.operated.restarts:
        assert result["error"] == "Refused"
        return
    assert result["changed"], result
    assert (operator.answers(), operator.served()) == ("", code)


def test_what_is_stopped_cannot_be_restarted(operator: Operator) -> None:
    operator.bring(state="stopped")

    assert operator.bring(state="restarted")["error"] == "Refused"


def test_a_rollback_stays_held_when_the_service_was_stopped_meanwhile(operator: Operator, tmp_path: Path) -> None:
    if not operator.vendor.holds:
        pytest.skip("this vendor holds nothing")
    operator.ship("breaks-checkout")
    operator.run(bad_at=now())
    good = operator.served()

    operator.bring(state="stopped")
    operator.bring(state="running")

    operator.ship("breaks-checkout")
    assert operator.served() == good


def test_instances_that_make_no_sense(counted: Operator) -> None:
    kind = counted.operated.instances
    for wish in ({"typo": 2}, {kind: "many"}, {kind: -1}, {kind: True}):
        result = counted.bring(instances=wish)

        assert result["error"] == "Refused", wish
        assert "nothing was changed" in result["msg"]


def test_instances_of_what_is_stopped_are_refused(counted: Operator) -> None:
    kind = counted.operated.instances
    assert counted.bring(state="stopped", instances={kind: 1})["error"] == "Refused"
    counted.bring(state="stopped")

    result = counted.bring(instances={kind: 1})

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Refused", True)


def test_what_is_on_its_way_up_is_never_called_running(counted: Operator, tmp_path: Path) -> None:
    """Nor by the next run, after one that was cut off."""
    memory = str(tmp_path / "memory")
    counted.bring(state="stopped", memory=memory)
    counted.box.control("stuck", target=counted.vendor.target)

    for _ in range(2):
        assert counted.bring(state="running", memory=memory, timeout=0.3)["error"] == "TimedOut"
    counted.box.control("stuck", target=counted.vendor.target, on=False)

    assert counted.bring(put_back=True, memory=memory)["after"]["running"]
    assert counted.answers() == ""


def test_a_bad_token_and_a_target_out_of_reach(operator: Operator) -> None:
    before = operator.frozen()

    wrong: dict[str, Any] = {operator.vendor.secret: "planted-secret"}
    assert operator.bring(state="stopped", **wrong)["error"] == "NotAuthorised"
    assert operator.bring(state="stopped", reach={})["error"] == "OutOfReach"
    assert operator.frozen() == before


def test_something_has_to_be_asked_for(operator: Operator) -> None:
    assert "one of the following is required" in operator.bring(put_back=None)["msg"]
    assert "missing" in operator.bring(put_back=True)["msg"]
