"""Configuration goes back, runs, and is never shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils import any_vendor, variables
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from sandbox.testing import Box
from tests.contract.bench import Bench, now, printed_by
from tests.contract.configuration import CONFIGURED, Configured
from tests.contract.vendors import VENDORS


class Settings(Bench):
    """The variables of one vendor's target; seeded with LOG_LEVEL=info and CURRENCY=EUR."""

    configured: Configured

    def put(self, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"poll": 0.05, "timeout": 5, **self.vendor.options(self.box), **options}
        return printed_by(self.configured.module.main, check, **given)

    def running(self) -> dict[str, str]:
        """What the release that serves was configured with."""
        variables: dict[str, str] = self.box.state()["serving"][self.vendor.address]["variables"]
        return variables


@pytest.fixture(params=CONFIGURED, ids=str)
def settings(request: pytest.FixtureRequest, box: Box) -> Settings:
    settings = Settings(next(vendor for vendor in VENDORS if vendor.name == request.param.vendor), box)
    settings.configured = request.param
    return settings


def test_values_are_set_and_run(settings: Settings) -> None:
    code = settings.served()

    result = settings.put(variables={"LOG_LEVEL": "debug", "NEW_CHECKOUT": "yes-please"})

    assert result["written"] == ["LOG_LEVEL", "NEW_CHECKOUT"]
    assert (result["changed"], result["redeployed"]) == (True, True)
    assert settings.running() == settings.running() | {"LOG_LEVEL": "debug", "NEW_CHECKOUT": "yes-please", "CURRENCY": "EUR"}
    assert settings.served() == code, "the same code"


def test_asked_twice_it_writes_and_deploys_once(settings: Settings) -> None:
    settings.put(variables={"LOG_LEVEL": "debug"})
    before = settings.frozen()

    result = settings.put(variables={"LOG_LEVEL": "debug"})

    assert not result["changed"], result
    assert settings.frozen() == before


def test_null_removes_and_what_is_not_named_stays(settings: Settings) -> None:
    result = settings.put(variables={"LOG_LEVEL": None})

    assert result["removed"] == ["LOG_LEVEL"]
    assert "LOG_LEVEL" not in settings.running()
    assert settings.running()["CURRENCY"] == "EUR"


def test_exclusive_removes_the_others_that_can_be_read(settings: Settings) -> None:
    settings.put(variables={"CURRENCY": "EUR"}, exclusive=True)

    left = {"CURRENCY", settings.configured.hidden, settings.configured.managed} - {""}
    assert set(settings.running()) == left


def test_nothing_is_changed_that_could_not_be_put_back(settings: Settings, tmp_path: Path) -> None:
    """What there was is secret, and a module that was shipped has nothing to encrypt it with."""
    before, memory = settings.frozen(), str(tmp_path / "memory.json")

    result = settings.put(variables={"LOG_LEVEL": "debug"}, memory=memory)

    assert "there is nothing to encrypt them with; nothing was changed" in result["msg"]
    assert not settings.put(put_back=True, memory=memory)["changed"]
    assert settings.frozen() == before


def test_nothing_wanted_is_nothing_done(settings: Settings) -> None:
    """An empty dictionary is not the wish for an empty configuration."""
    before = settings.running()

    result = settings.put(variables={}, redeploy="never")

    assert not result["changed"], result
    assert settings.running() == before


def test_check_mode_predicts_and_changes_nothing(settings: Settings) -> None:
    before = settings.frozen()
    asked = {"LOG_LEVEL": "debug", "CURRENCY": None}

    predicted = settings.put(check=True, variables=asked)
    assert settings.frozen() == before

    done = settings.put(variables=asked)
    for key in ("changed", "written", "removed", "redeployed", "diff", "unreadable"):
        assert predicted[key] == done[key], key


def test_the_diff_names_variables_and_shows_no_value(settings: Settings) -> None:
    result = settings.put(variables={"LOG_LEVEL": "very-secret-value", "CURRENCY": None, "FRESH": "another-secret"})

    before, after = result["diff"]["before"], result["diff"]["after"]
    assert list(before) == list(after) == ["CURRENCY", "FRESH", "LOG_LEVEL"]
    assert (after["CURRENCY"], before["FRESH"]) == ("absent", "absent")
    assert len(after["LOG_LEVEL"]) == 8
    assert after["LOG_LEVEL"] != before["LOG_LEVEL"]
    assert "secret" not in str(result)
    assert "EUR" not in str(result)


def test_only_the_names_that_may_change_do(settings: Settings) -> None:
    settings.put(variables={"LOG_LEVEL": "debug", "CURRENCY": "USD"}, only=["CURRENCY"])

    assert (settings.running()["LOG_LEVEL"], settings.running()["CURRENCY"]) == ("info", "USD")


def test_many_changes_are_one_deployment(settings: Settings) -> None:
    before = len(settings.releases())

    settings.put(variables={f"SWITCH_{number}": "on-or-off" for number in range(7)} | {"LOG_LEVEL": None})

    assert len(settings.releases()) == before + 1


def test_a_deployment_that_never_comes_up_fails(settings: Settings) -> None:
    if settings.vendor.serves_what_crashes:
        settings.box.control("stuck", target=settings.vendor.target)
    else:
        settings.box.control("fail", target=settings.vendor.target)

    result = settings.put(variables={"LOG_LEVEL": "debug"}, timeout=0.5)

    assert result["error"] in ("ActivationFailed", "TimedOut"), result
    assert "nothing was changed" not in result["msg"]


def test_written_but_not_deployed_is_made_up_for(settings: Settings) -> None:
    """A run that was killed between the two is run again."""
    if settings.configured.deploys_itself:
        pytest.skip("writing deploys")
    settings.put(variables={"LOG_LEVEL": "debug"}, redeploy="never")
    assert settings.running()["LOG_LEVEL"] == "info"

    result = settings.put(variables={"LOG_LEVEL": "debug"})

    if settings.configured.tells_age:
        assert result["redeployed"]
        assert settings.running()["LOG_LEVEL"] == "debug"
    else:
        assert "redeploy: always makes sure" in result["warnings"][0]
        settings.put(variables={"LOG_LEVEL": "debug"}, redeploy="always")
        assert settings.running()["LOG_LEVEL"] == "debug"


def test_cut_off_once_it_was_deployed_it_is_not_deployed_again(settings: Settings, tmp_path: Path) -> None:
    """Where the vendor does not tell how old what serves is, by what the run has remembered."""
    memory = tmp_path / "memory.json"

    def put(save: Callable[[str, Any], None]) -> dict[str, Any]:
        operation = variables.operation(any_vendor.VENDORS[settings.vendor.name])
        given = {"variables": {"LOG_LEVEL": "debug"}, "memory": str(memory), "poll": 0.05, "timeout": 5}
        checked = ArgumentSpecValidator(operation.arguments).validate({**given, **settings.vendor.options(settings.box)})
        assert not checked.error_messages
        run = Run(save=save, load=lambda path: json.loads(Path(path).read_text()))
        return operation.perform(checked.validated_parameters, run)

    def cut_off(path: str, content: Any) -> None:
        if content["deploy"] is None:
            raise KeyboardInterrupt
        Path(path).write_text(json.dumps(content))

    before = len(settings.releases())
    with pytest.raises(KeyboardInterrupt):
        put(cut_off)

    again = put(lambda path, content: None)

    assert (again["changed"], len(settings.releases())) == (False, before + 1), again
    assert settings.running()["LOG_LEVEL"] == "debug"


def test_the_code_that_serves_is_deployed_not_the_newest_push(settings: Settings) -> None:
    good = settings.served()
    settings.ship("breaks-checkout")
    settings.run(bad_at=now())
    before = settings.frozen()

    result = settings.put(variables={"LOG_LEVEL": "debug"})

    assert settings.served() == good
    if settings.configured.builds_only_the_newest_push:
        assert result["error"] == "Refused"
        assert "nothing was changed" in result["msg"]
        assert settings.put(check=True, variables={"LOG_LEVEL": "debug"})["msg"] == result["msg"]
        assert settings.frozen() == before
        return
    assert settings.running()["LOG_LEVEL"] == "debug"
    if settings.vendor.holds:
        assert settings.run(check=True, good_at=now())["held_before"], "the hold of the rollback stands"


def test_what_the_vendor_does_not_show_is_said(settings: Settings) -> None:
    hidden = settings.configured.hidden
    if not hidden:
        pytest.skip("this vendor shows everything")

    assert settings.put(variables={"LOG_LEVEL": "info"})["unreadable"] == [hidden]
    result = settings.put(variables={hidden: "pk_another"})

    assert (result["written"], result["diff"]["before"]) == ([hidden], {hidden: "not shown by the vendor"})
    assert hidden in result["warnings"][0]
    assert settings.running()[hidden] == "pk_another"


def test_what_only_an_add_on_can_change_is_left_alone_and_said(settings: Settings) -> None:
    managed = settings.configured.managed
    if not managed:
        pytest.skip("no variable of this target belongs to an add-on")
    value = settings.running()[managed]

    result = settings.put(variables={"CURRENCY": "EUR"}, exclusive=True)

    assert managed in result["warnings"][0]
    assert managed not in result["removed"]
    for wish in ("another", None):
        before = settings.frozen()
        refused = settings.put(variables={managed: wish, "LOG_LEVEL": "debug"})
        assert (refused["error"], managed in refused["msg"]) == ("Refused", True)
        assert "nothing was changed" in refused["msg"]
        assert settings.frozen() == before
    assert settings.running()[managed] == value
    assert value not in str(result)


def test_how_it_was_at_a_moment(settings: Settings) -> None:
    moment = now()
    settings.put(variables={"LOG_LEVEL": "debug", "NEW_CHECKOUT": "yes-please"})

    result = settings.put(as_of=moment)

    if not settings.configured.history:
        assert result["error"] == "Refused"
        assert "recovery_point" in result["hint"]
        return
    assert settings.running()["LOG_LEVEL"] == "info"
    assert "NEW_CHECKOUT" not in settings.running()


def test_a_bad_token_and_a_target_out_of_reach(settings: Settings) -> None:
    before = settings.frozen()

    wrong: dict[str, Any] = {settings.vendor.secret: "planted-secret"}
    assert settings.put(variables={"A": "1"}, **wrong)["error"] == "NotAuthorised"
    assert settings.put(variables={"A": "1"}, reach={})["error"] == "OutOfReach"
    assert settings.frozen() == before


def test_one_source_is_needed_and_not_two(settings: Settings) -> None:
    assert "one of the following is required: variables, as_of, recovery_point" in settings.put()["msg"]
    assert "mutually exclusive" in settings.put(variables={}, as_of=now())["msg"]
