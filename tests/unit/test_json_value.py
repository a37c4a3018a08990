"""When two values of an item are the same, and how they are written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import same, words
from hypothesis import given, settings
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(VALUES)
def test_what_went_through_json_is_the_same(value: Any) -> None:
    assert same(value, json.loads(json.dumps(value)))


@settings(deadline=None)
@given(VALUES, VALUES)
def test_what_is_written_differently_is_not(one: Any, other: Any) -> None:
    if json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True):
        assert same(one, other)
    elif not _has_numbers(one) or not _has_numbers(other):
        assert not same(one, other)


def _has_numbers(value: Any) -> bool:
    """A number can be written in two ways: 1 and 1.0."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return (isinstance(value, int | float) and not isinstance(value, bool)) or any(_has_numbers(one) for one in inner)


@pytest.mark.parametrize(("one", "other"), [(True, 1), (False, 0), (False, ""), ([True], [1]), ({"a": 0}, {"a": False}), (None, False)])
def test_true_is_not_one(one: Any, other: Any) -> None:
    assert not same(one, other)


def test_one_is_written_in_two_ways() -> None:
    assert same({"share": 1}, {"share": 1.0})


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "on"),
        (False, "off"),
        ({"state": "absent", "value": None}, "absent"),
        ({"state": "present", "value": False}, "false"),
        ({"state": "present", "value": {"b": 1, "a": "x"}}, '{"a": "x", "b": 1}'),
    ],
)
def test_in_words(value: Any, written: str) -> None:
    assert words(value) == written
