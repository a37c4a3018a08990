"""All kinds of channels together, as the run tells them: side by side, what cannot be told queued, what is in doubt not told twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.telling import ARGUMENTS, tell
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Result, Run

from sandbox.testing import Box
from tests.telling.places import PLACES
from tests.vendor_proxy import Proxy, Stranger

pytestmark = pytest.mark.once
ON_THE_SANDBOX = [place for place in PLACES if place.vendor not in ("launchdarkly", "flagsmith")]


@pytest.fixture
def incident(tmp_path: Path) -> Incident:
    fields = {
        "environment": "sandbox", "scenario": "checkout", "severity": "P1", "reason": "nobody can pay", "lead": "ana", "state": "started",
        "opened_at": "2026-11-22T02:37:00.000Z", "started_at": "2026-11-22T02:38:00.000Z", "bad_at": "2026-11-22T02:30:00.000Z",
    }
    found = Store(tmp_path / "incidents").create(datetime(2026, 11, 22, tzinfo=UTC), "checkout", fields)
    found.run = "abc123"
    release = {"artifact": "a" * 40, "id": "dpl_1"}
    row = {"target": "storefront", "tier": "frontend", "changes": True, "from": {"artifact": "b" * 40, "id": "dpl_2"}, "to": release}
    found.keep_plan({"targets": [row]})
    return found


@pytest.fixture
def chat() -> Iterator[Proxy]:
    with Stranger() as found:
        yield found


def channels(box: Box, chat: Proxy) -> list[dict[str, Any]]:
    own = [{"name": place.name, "kind": place.kind, **place.options(box.vendor_url(place.vendor))} for place in ON_THE_SANDBOX]
    mapped = [row | {"components": {"Checkout": next(iter(row["components"].values()))}} if "components" in row else row for row in own]
    return [*mapped, {"name": "chat", "kind": "apprise", "url": f"{chat.url.replace('http', 'json')}/sandbox-apprise-token"}]


def say(incident: Incident, box: Box, chat: Proxy, stage: str) -> Result:
    options = {name: option.get("default") for name, option in ARGUMENTS.items()} | {
        "incident": {"store": str(incident.directory.parent), "run": "abc123", **incident.fields},
        "stage": stage,
        "seconds": 60.0,
        "telling": {"channels": channels(box, chat), "product": "Shop", "components": {"checkout": ["Checkout"]}},
    }
    return tell(options, Run())


def kept(incident: Incident) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((incident.directory / "told.json").read_text())
    return found


def states(incident: Incident) -> dict[str, list[str]]:
    return {name: [row["state"] for row in entry["messages"]] for name, entry in kept(incident)["channels"].items()}


def test_from_start_to_end_everywhere(incident: Incident, box: Box, chat: Proxy) -> None:
    assert not say(incident, box, chat, "started").get("warnings")
    for place in ON_THE_SANDBOX:
        assert place.incidents(box) == 1, place
    incident.journal.append("verdict", verdict="RESTORED", reason="5 of 5 checks pass")
    incident.update(verdict="RESTORED")
    assert not say(incident, box, chat, "verdict").get("warnings")
    assert not say(incident, box, chat, "committed").get("warnings")
    assert {state for row in states(incident).values() for state in row} == {"sent"}
    for place in ON_THE_SANDBOX:
        assert place.incidents(box) == (0 if place.kind == "banner" else 1), place
        assert place.over(box), place
    assert "sandbox-" not in (incident.directory / "told.json").read_text() + incident.journal.path.read_text()


def test_one_that_takes_no_more_holds_up_no_other(incident: Incident, box: Box, chat: Proxy) -> None:
    box.control("rates", on=True, bucket="statuspage", limit=1, seconds=3600)
    warned = say(incident, box, chat, "started")["warnings"]
    assert [name for name, found in states(incident).items() if found != ["sent"]] == ["statuspage"]
    assert len(warned) == 1
    box.control("rates", on=False)
    say(incident, box, chat, "progress")
    assert states(incident)["statuspage"][0] == "sent"
    assert ON_THE_SANDBOX[0].incidents(box) == 1


def test_what_a_killed_run_was_telling(incident: Incident, box: Box, chat: Proxy) -> None:
    """Those that look tell it once; those that cannot do not tell it again."""
    say(incident, box, chat, "started")
    record = kept(incident)
    for entry in record["channels"].values():
        entry["messages"][0] |= {"state": "sending"}
        entry["memory"] = {}
    (incident.directory / "told.json").write_text(json.dumps(record))
    warned = say(incident, box, chat, "started")["warnings"]
    assert states(incident) == {name: ["failed"] if name == "chat" else ["sent"] for name in record["channels"]}
    assert len(chat.log) == 1
    assert "may have been told" in warned[0]
    for place in ON_THE_SANDBOX:
        assert place.incidents(box) == 1, place
