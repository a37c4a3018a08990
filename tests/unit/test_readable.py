"""Answers of another form become errors of ours, and whoever asked for a change is told to read back."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.readable import Readable

SECRET = "planted-secret"


class Part:
    name = "Vendor"
    pins = True

    def __init__(self, options: Options, run: Run) -> None:
        self.run = run

    def misreads(self, body: Any) -> Any:
        return body["rows"][0]["id"]

    def misreads_a_number(self) -> int:
        return int(SECRET)

    def misreads_a_time(self) -> Any:
        return moment.parse("None")

    def asks_and_misreads(self) -> Any:
        self.run.record("call", method="POST", path="/thing")
        return self.misreads(None)

    def refuses(self) -> None:
        raise errors.NotFound("no such thing", "Look elsewhere.")


@pytest.fixture
def events() -> list[str]:
    return []


@pytest.fixture
def part(events: list[str]) -> Any:
    return Readable("vendor", Part, {}, Run(record=lambda event, **fields: events.append(event)))


@pytest.mark.parametrize("body", [None, [], {}, "fine", 42, {"rows": None}, {"rows": []}, {"rows": ["fine"]}, {"rows": [{}]}])
def test_another_form_is_unreadable(part: Any, body: Any) -> None:
    with pytest.raises(errors.Unreadable, match="Vendor answered in a form that is not its API's") as caught:
        part.misreads(body)

    assert caught.value.hint


def test_the_answer_is_not_quoted(part: Any) -> None:
    with pytest.raises(errors.Unreadable, match=r"ValueError in test_readable\.py, line") as caught:
        part.misreads_a_number()

    assert SECRET not in caught.value.message


def test_a_time_that_is_none_is_the_vendors_fault(part: Any) -> None:
    with pytest.raises(errors.Unreadable):
        part.misreads_a_time()


def test_after_a_change_it_is_unanswered(part: Any, events: list[str]) -> None:
    with pytest.raises(errors.Unanswered, match="accepted a change") as caught:
        part.asks_and_misreads()

    assert "reads back" in caught.value.hint
    assert events == ["call"]
    with pytest.raises(errors.Unreadable):
        part.misreads(None)


def test_errors_of_ours_and_facts_pass(part: Any) -> None:
    with pytest.raises(errors.NotFound, match="no such thing"):
        part.refuses()
    assert part.pins is True
    with pytest.raises(AttributeError):
        part.unknown  # noqa: B018


def test_an_attribute_that_would_not_reach_the_part_is_an_error(part: Any) -> None:
    assert part.pins
    with pytest.raises(AttributeError):
        part.pins = False
