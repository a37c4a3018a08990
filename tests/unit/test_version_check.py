"""What went back is looked at on every address; what nobody can tell is unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.version_check import ARGUMENTS, CHECK

from tests.vendor_proxy import LOST, Answer, Proxy, answering

GOOD, OTHER = "a" * 40, "b" * 40
RELEASE = {"id": "dpl_1", "artifact": GOOD, "created_at": "2026-11-22T02:00:00Z", "live_from": "2026-11-22T02:01:00Z", "good": True}


def look(tmp_path: Path, urls: dict[str, list[str]], *steps: tuple[str, str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The result for a journal with these steps (target, status), and what was written down."""
    journal = Journal(tmp_path / "journal.jsonl", "now")
    for target, status in steps:
        journal.append("result", kind="release", target=target, status=status, to=RELEASE)
    options = {name: option.get("default") for name, option in ARGUMENTS.items()}
    options |= {"incident": {"journal": str(journal.path)}, "version_urls": urls, "phase": "after frontend"}
    recorded: list[dict[str, Any]] = []
    result = outcome(CHECK, options, Run(record=lambda event, **fields: recorded.append(fields)))
    return result, recorded


@pytest.mark.parametrize(
    ("answer", "verdict", "got"),
    [
        (Answer(200, GOOD.encode()), "OK", None),
        (Answer(200, b"", {"x-release": GOOD}), "OK", None),
        (Answer(200, OTHER.encode()), "BAD", "serves bbbbbbb"),
        (Answer(500, b"oh"), "UNKNOWN", "answers 500 without a version that fits"),
        (LOST, "UNKNOWN", "does not answer"),
    ],
)
def test_one_address_that_differs_is_told(tmp_path: Path, answer: Answer, verdict: str, got: str | None) -> None:
    fine = answering(Answer(200, GOOD.encode()))
    with Proxy("http://127.0.0.1:1", fine) as first, Proxy("http://127.0.0.1:1", answering(answer)) as second:
        result, recorded = look(tmp_path, {"shop": [first.url, second.url]}, ("shop", "changed"))

    (check,) = result["checks"]
    assert (result["verdict"], check["name"], check["verdict"]) == (verdict, "version of shop", verdict)
    assert check["got"] == (got and f"{second.url} {got}")
    assert [(event["kind"], event["phase"], event["verdict"]) for event in recorded] == [("versions", "after frontend", verdict)]


@pytest.mark.parametrize("steps", [[], [("api", "changed")], [("shop", "failed")], [("shop", "changed"), ("shop", "failed")]])
def test_what_did_not_go_back_is_not_asked(tmp_path: Path, steps: list[tuple[str, str]]) -> None:
    result, recorded = look(tmp_path, {"shop": ["http://127.0.0.1:1/"], "api": []}, *steps)

    assert (result["checks"], result["verdict"], recorded) == ([], "UNKNOWN", [])


def test_a_step_that_succeeded_in_the_end_counts(tmp_path: Path) -> None:
    with Proxy("http://127.0.0.1:1", answering(Answer(200, GOOD.encode()))) as proxy:
        result, _recorded = look(tmp_path, {"shop": [proxy.url]}, ("shop", "failed"), ("shop", "ok"), ("shop", "skipped"))

    assert result["verdict"] == "OK"
