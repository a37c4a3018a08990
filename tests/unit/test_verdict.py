"""Unknown is never green."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import verdict
from hypothesis import given
from hypothesis import strategies as st

RUN = "now"


def look(phase: str, run: str = RUN, **verdicts: str) -> dict[str, Any]:
    return {"event": "checked", "run": run, "phase": phase, "checks": [{"name": name, "verdict": word} for name, word in verdicts.items()]}


def went(target: str, status: str, run: str = RUN, kind: str = "release") -> dict[str, Any]:
    return {"event": "result", "kind": kind, "run": run, "target": target, "status": status}


@pytest.mark.parametrize(
    ("events", "word", "why"),
    [
        ([look("before", page="BAD"), look("after", page="OK")], "RESTORED", "1 of 1"),
        ([look("before", page="BAD"), went("shop", "changed"), look("after", page="OK")], "RESTORED", ""),
        ([look("before", page="BAD"), went("shop", "failed"), look("after", page="OK")], "PARTIAL", "did not go back: shop"),
        ([look("before", page="BAD"), went("flag", "failed", kind="measure"), look("after", page="OK")], "PARTIAL", "flag"),
        ([look("before", page="BAD"), went("shop", "unreachable"), look("after", page="OK")], "PARTIAL", "shop"),
        ([look("before", page="BAD"), went("shop", "skipped"), look("after", page="OK")], "RESTORED", ""),
        ([went("shop", "failed"), went("shop", "changed"), look("after", page="OK")], "RESTORED", ""),
        ([look("before", page="BAD", order="BAD"), look("after", page="OK", order="BAD")], "PARTIAL", "works again: page"),
        ([look("before", page="BAD", order="BAD"), look("after", page="UNKNOWN", order="BAD")], "NOT RESTORED", "order"),
        ([look("before", page="BAD"), look("after", page="BAD")], "NOT RESTORED", "still failing: page"),
        ([look("before", page="OK"), look("after", page="BAD")], "NOT RESTORED", "page"),
        ([look("before", page="BAD"), look("after", page="UNKNOWN")], "COULD NOT VERIFY", "no answer from: page"),
        ([look("before", page="BAD"), look("after", page="SKIPPED")], "COULD NOT VERIFY", "no answer from: page"),
        ([look("before", page="BAD"), look("after")], "COULD NOT VERIFY", "nothing to check"),
        ([look("before", page="BAD"), look("after", page="OK"), look("after", edge="OK")], "RESTORED", "2 of 2"),
        ([look("before", page="BAD"), look("after", page="OK"), look("after", edge="BAD")], "PARTIAL", "still failing: edge"),
        ([look("before", page="BAD"), look("after", page="BAD"), look("after", edge="OK")], "NOT RESTORED", "still failing: page"),
        ([look("before", page="BAD"), look("after", edge="UNKNOWN"), look("after", page="OK")], "COULD NOT VERIFY", "edge"),
        ([look("before", page="BAD"), look("before", edge="BAD"), look("after", page="BAD", edge="OK")], "PARTIAL", "works again: edge"),
        ([look("before", page="OK")], "COULD NOT VERIFY", "no check ran"),
        ([], "COULD NOT VERIFY", "no check ran"),
    ],
)
def test_the_verdict_and_why(events: list[dict[str, Any]], word: str, why: str) -> None:
    judged = verdict.judge(events, RUN)

    assert judged.word == word
    assert why in judged.reason


def test_what_another_run_saw_does_not_count() -> None:
    events = [look("before", page="BAD"), look("after", run="earlier", page="OK"), went("shop", "failed", run="earlier")]

    assert verdict.judge(events, RUN).word == verdict.COULD_NOT_VERIFY
    assert verdict.judge([*events, look("after", page="OK")], RUN).word == verdict.RESTORED


def test_each_verdict_has_an_exit_code_of_its_own_and_only_restored_is_zero() -> None:
    assert len(set(verdict.EXIT_CODES.values())) == 4
    assert [word for word, code in verdict.EXIT_CODES.items() if code == 0] == ["RESTORED"]
    assert not {1, 2, 3, 4, 5, 99, 250} & set(verdict.EXIT_CODES.values()), "Ansible's own"


WORDS = st.sampled_from(["OK", "BAD", "UNKNOWN", "SKIPPED"])
LOOKS = st.builds(
    lambda phase, checks: look(phase, **checks),
    st.sampled_from(["before", "after frontend", "after backend"]),
    st.dictionaries(st.sampled_from(["page", "order", "login"]), WORDS),
)
RESULTS = st.builds(went, st.sampled_from(["shop", "api"]), st.sampled_from(["ok", "changed", "failed", "skipped", "unreachable"]))


@given(st.lists(LOOKS | RESULTS))
def test_restored_means_that_everything_checked_last_is_ok_and_nothing_failed(events: list[dict[str, Any]]) -> None:
    judged = verdict.judge(events, RUN)

    assert judged.reason
    if judged.word == verdict.RESTORED:
        after = [event for event in events if event["event"] == "checked" and event["phase"] != "before"]
        last = {check["name"]: check["verdict"] for event in after if event["phase"] == after[-1]["phase"] for check in event["checks"]}
        assert set(last.values()) == {"OK"}
        results = {event["target"]: event["status"] for event in events if event["event"] == "result" and event["status"] != "skipped"}
        assert not {"failed", "unreachable"} & set(results.values())
