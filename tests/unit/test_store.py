"""Where incidents are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store, write

DAY = datetime(2026, 11, 22, tzinfo=UTC)


def opened(store: Store, state: str = "started", **fields: Any) -> Incident:
    given = {"environment": "test", "scenario": "checkout", "opened_at": f"2026-11-22T02:00:{len(store.incidents('test')):02}.000Z"}
    return store.create(DAY, "checkout", {**given, "state": state, **fields})


def test_each_has_a_name_of_its_own(tmp_path: Path) -> None:
    store = Store(tmp_path)

    assert [opened(store).fields["id"] for _ in range(3)] == ["2026-11-22-checkout", "2026-11-22-checkout-2", "2026-11-22-checkout-3"]


@pytest.mark.parametrize(
    ("state", "goes_on"),
    [("open", False), ("started", True), ("rolled_back", True), ("closed", False), ("committed", False), ("undone", False)],
)
def test_which_states_go_on(tmp_path: Path, state: str, goes_on: bool) -> None:
    store = Store(tmp_path)
    opened(store, state)

    assert (store.active("test", "checkout") is not None) is goes_on
    assert store.active("test", "payments") is None
    assert store.active("production", "checkout") is None


def test_a_rollback_condemns_until_it_is_undone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    opened(store, "committed", condemned={"api": {"bad": "2026-11-22T02:00:00.000Z"}})
    undone = opened(store, "rolled_back", condemned={"api": {"fine": "2026-11-22T03:00:00.000Z"}})

    assert set(store.condemned("test")["api"]) == {"bad", "fine"}
    undone.update(state="undone")
    assert set(store.condemned("test")["api"]) == {"bad"}


def test_the_plan_keeps_what_each_target_served_at_first(tmp_path: Path) -> None:
    incident = opened(Store(tmp_path))
    incident.keep_plan({"good_at": "x", "targets": [{"target": "api", "from": "bad"}]})
    incident.keep_plan({"good_at": "x", "targets": [{"target": "api", "from": "good"}, {"target": "shop", "from": "bad"}]})

    kept = incident.plan()
    assert kept
    assert kept["targets"] == [{"target": "api", "from": "bad"}, {"target": "shop", "from": "bad"}]


def test_touched_is_what_was_begun_and_not_skipped(tmp_path: Path) -> None:
    incident = opened(Store(tmp_path))
    for target, status in [("shop", "changed"), ("api", "skipped"), ("mail", None)]:
        incident.journal.append("intent", target=target)
        if status:
            incident.journal.append("result", target=target, status=status)

    assert incident.touched() == {"shop", "mail"}


def test_a_target_whose_measure_was_begun_is_not_one_whose_release_was(tmp_path: Path) -> None:
    incident = opened(Store(tmp_path))
    incident.journal.append("intent", target="api", kind="measure")
    incident.journal.append("intent", target="shop")
    assert (incident.touched(), incident.touched(measures=True)) == ({"shop"}, {"api"})


@pytest.mark.parametrize("name", ["missing", "../elsewhere", ""])
def test_an_unknown_incident_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="there is no incident"):
        Store(tmp_path).find(name)


@pytest.mark.parametrize("text", ["{", "just words", ""])
def test_a_broken_incident_is_named(tmp_path: Path, text: str) -> None:
    incident = opened(Store(tmp_path))
    (incident.directory / "incident.yml").write_text(text)

    with pytest.raises(Refused, match=r"incident\.yml cannot be read"):
        Store(tmp_path).incidents("test")


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, "old")
    write(path, "new")

    assert path.read_text() == "new"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]
