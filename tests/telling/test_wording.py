from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.values import Known, values
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.wording import (
    AUDIENCES,
    INTERNAL,
    PUBLIC,
    READY,
    STAGES,
    Words,
    names,
    wording,
)

pytestmark = pytest.mark.once
FIVE = ["derrimut", "generic-levels", "huntaze", "rachelfoods", "realco"]


def own(tmp_path: Path, **document: Any) -> str:
    path = tmp_path / "ours.yml"
    path.write_text(yaml.safe_dump(document))
    return str(path)


def test_all_five_runbooks_are_ready() -> None:
    assert names() == sorted([*FIVE, "default"])


@pytest.mark.parametrize("name", [*FIVE, "default"])
def test_every_ready_wording_has_something_for_the_team_at_every_stage(name: str) -> None:
    found = wording(name)
    values = dict.fromkeys(INTERNAL, "value")
    for stage in STAGES:
        words = found.words("team", stage)
        assert words is not None
        assert "$" not in "".join(words.filled(values))
        assert stage in found.statuses


@pytest.mark.parametrize("name", [*FIVE, "default"])
def test_the_public_words_have_public_placeholders_only(name: str) -> None:
    found = wording(name)
    values = dict.fromkeys(PUBLIC, "value")
    for audience in ("status_page", "users", "banner"):
        for words in found.by_audience[audience].values():
            words.filled(values)


def test_what_a_team_says_itself_goes_before_what_comes_with_it(tmp_path: Path) -> None:
    found = wording(own(tmp_path, team={"started": {"title": "Here we go", "text": "$reason"}}, users={"restored": None}))

    assert found.words("team", "started") == Words("Here we go", "$reason")
    assert found.words("team", "restored") == wording().words("team", "restored")
    assert found.words("users", "restored") is None


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"team": {"started": {"title": "t", "text": "$reson"}}}, "team: started: text: $reson is no placeholder"),
        ({"status_page": {"started": {"title": "t", "text": "$reason"}}}, "$reason is not for this audience"),
        ({"users": {"restored": {"title": "$lead did it", "text": ""}}}, "users: restored: title: $lead is not for this audience"),
        ({"team": {"started": {"title": "t", "text": "costs 5$"}}}, "a $ that begins no placeholder is written $$"),
        ({"team": {"begun": {"title": "t", "text": ""}}}, "team: begun: is no stage"),
        ({"team": {"started": {"title": "t"}}}, "needs a title and a text, and nothing else"),
        ({"team": {"started": "text"}}, "needs a title and a text, and nothing else"),
        ({"teams": {}}, "teams is no audience"),
        ({"team": []}, None),
        ({"team": ["x"]}, "team is not a mapping of stages"),
        ({"statuses": {"restored": "fine"}}, "statuses: restored: fine is not known"),
    ],
)
def test_what_is_wrong_is_refused_when_it_is_read(tmp_path: Path, document: dict[str, Any], words: str | None) -> None:
    path = own(tmp_path, **document)
    if words is None:
        wording(path)
        return
    with pytest.raises(Refused) as refused:
        wording(path)
    assert words in refused.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there are no messages"):
        wording(str(tmp_path / "none.yml"))


def test_a_line_without_anything_to_say_is_left_out() -> None:
    values = dict.fromkeys(INTERNAL, "") | {"lead": "ana"}

    assert Words("t", "Lead: $lead\n$overrides\nApproved by: $approved_by\nDone").filled(values) == ("t", "Lead: ana\nDone")


def test_dollars_in_a_value_stay_what_they_are() -> None:
    values = dict.fromkeys(INTERNAL, "x") | {"reason": "lost $lead and ${text} and 5$"}

    assert Words("t", "$reason").filled(values)[1] == "lost $lead and ${text} and 5$"


def test_placeholders_of_each_audience_are_known() -> None:
    assert all(allowed <= INTERNAL for allowed in AUDIENCES.values())
    assert READY.is_dir()


@pytest.mark.parametrize("name", [*FIVE, "default"])
def test_nobody_is_told_that_it_is_resolved_while_only_a_fallback_works(name: str) -> None:
    found = wording(name).where("fall_back")
    assert found.statuses["restored"] == "identified"
    assert found.words("users", "restored") is None
    for audience in ("stakeholders", "status_page", "banner"):
        for stage in ("restored", "committed"):
            words = found.words(audience, stage)
            assert words is not None
            told = "\n".join(words.filled(dict.fromkeys(INTERNAL, "it"))).lower()
            assert not any(word in told for word in ("resolved", "works again", "operational", "fixed", "rolled back"))


def test_rachelfoods_says_that_the_payment_system_is_unavailable_and_what_to_do_instead() -> None:
    words = wording("rachelfoods").where("fall_back").words("status_page", "restored")
    assert words is not None
    assert words.text.strip() == "Payment system temporarily unavailable. You can order and pay in cash on delivery."
    assert wording("rachelfoods").where("roll_back") == wording("rachelfoods")


def test_a_mistake_in_the_words_of_a_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"ways: fall_back: status_page: started: text: \$lead is not for this audience"):
        wording(own(tmp_path, ways={"fall_back": {"status_page": {"started": {"title": "x", "text": "$lead"}}}}))


def incident(kind: str, way: str = "") -> dict[str, str]:
    result = {"event": "result", "kind": kind, "target": "api", "status": "changed", "at": "2026-11-22T02:38:00.000Z", "seconds": 1}
    fields = {"scenario": "payments", "environment": "sandbox", "opened_at": "2026-11-22T02:38:00.000Z"}
    issues = {"issues": {"payments": "payments", "payments_fall_back": "payments by card"}}
    row = {"target": "api", "tier": "backend", "changes": True, "from": None, "to": None}
    return values(Known(fields, [result], [row], datetime.now(UTC), {}, issues, way))


def test_a_deployment_was_rolled_back_only_where_a_release_was() -> None:
    assert incident("release")["resolution"] == "We rolled back a recent deployment that caused the problem with payments."
    assert incident("measure")["resolution"] == ""
    assert incident("measure", "fall_back")["issue"] == "payments by card"
