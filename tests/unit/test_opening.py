"""Opening an incident, and taking it up again."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.opening import OPEN
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points.place import Points


def opened(store: Path, check: bool = False, **options: Any) -> dict[str, Any]:
    given = {"store": str(store), "environment_name": "test", "scenario": "checkout", **options}
    checked = ArgumentSpecValidator(OPEN.arguments, **OPEN.rules).validate(given)
    assert not checked.error_messages
    incident: dict[str, Any] = OPEN.perform(checked.validated_parameters, Run(check=check))["ansible_facts"]["incident"]
    return incident


def start(store: Path) -> None:
    incident = Store(store).incidents("test")[-1]
    incident.update(state="started", good_at="2026-11-22T02:30:00.000Z")


def test_a_run_that_never_started_is_not_taken_up(tmp_path: Path) -> None:
    assert [opened(tmp_path)["resumed"] for _ in range(2)] == [False, False]


def test_one_that_started_is_with_the_moment_it_settled_on(tmp_path: Path) -> None:
    first = opened(tmp_path, bad_at="2026-11-22T02:38:00Z")
    start(tmp_path)

    again = opened(tmp_path)

    assert again["resumed"]
    assert (again["id"], again["bad_at"], again["good_at"]) == (first["id"], first["bad_at"], "2026-11-22T02:30:00.000Z")
    assert again["run"] != first["run"]


def test_it_is_not_moved_to_another_moment_in_passing(tmp_path: Path) -> None:
    opened(tmp_path, bad_at="2026-11-22T02:38:00Z")
    start(tmp_path)

    assert opened(tmp_path, bad_at="2026-11-22T02:38:00Z")["resumed"]
    with pytest.raises(Refused, match="not 2026-11-22T01:00:00") as refused:
        opened(tmp_path, bad_at="2026-11-22T01:00:00Z")
    assert "playbooks/commit.yml" in refused.value.hint


def test_the_moment_of_a_recovery_point_is_when_it_was_complete(tmp_path: Path) -> None:
    """Its backup is taken in between: by the moment it was begun an older one would be restored."""
    began, complete = "2026-11-22T02:30:00.000Z", "2026-11-22T02:31:00.000Z"
    Points(tmp_path).keep("20261122T023000Z-ab12", {"environment": "test", "captured_at": began, "read_until": complete})

    found = opened(tmp_path, check=True, point="20261122T023000Z")

    assert (found["good_at"], found["moment_given"]) == (complete, True)
    with pytest.raises(Refused, match="there is no recovery point 20251122"):
        opened(tmp_path, check=True, point="20251122")


def test_it_may_become_more_severe(tmp_path: Path) -> None:
    assert opened(tmp_path)["severity"] == "P1"
    start(tmp_path)

    assert opened(tmp_path, severity="P0")["severity"] == "P0"
    assert opened(tmp_path)["severity"] == "P0"


def test_a_plan_is_of_the_severity_that_a_run_would_have(tmp_path: Path) -> None:
    opened(tmp_path)
    start(tmp_path)

    assert opened(tmp_path, check=True, severity="P0")["severity"] == "P0"
    assert opened(tmp_path)["severity"] == "P1"


def test_what_was_decided_is_kept_until_it_is_decided_anew(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="does not say who must approve"):
        opened(tmp_path, decision={"severity": "P1"})
    assert Store(tmp_path).incidents("test") == []
    opened(tmp_path, decision={"approval": ["cto"]})
    start(tmp_path)

    assert opened(tmp_path)["decision"] == {"approval": ["cto"]}
    assert opened(tmp_path, decision={"approval": []})["decision"] == {"approval": []}


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    incident = opened(tmp_path / "store", check=True)

    assert (incident["directory"], incident["journal"]) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_the_store_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LASTGOOD_INCIDENTS", str(tmp_path / "mine"))
    checked = ArgumentSpecValidator(OPEN.arguments, **OPEN.rules).validate({"environment_name": "test", "scenario": "checkout"})

    assert checked.validated_parameters["store"] == str(tmp_path / "mine")


def test_the_inventory_that_a_job_of_awx_has_a_copy_of_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(tmp_path, check=True, inventory="/runner/inventory/hosts")["inventory"] == "/runner/inventory/hosts"
    monkeypatch.setenv("JOB_ID", "7")
    assert opened(tmp_path, check=True, inventory="/runner/inventory/hosts")["inventory"] == "/runner/inventory/hosts"
    monkeypatch.setenv("AWX_HOST", "https://awx.example.com")
    assert opened(tmp_path, check=True, inventory="/runner/inventory/hosts")["inventory"] == "inventories/test"
    assert opened(tmp_path, check=True)["inventory"] is None


def test_a_user_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under any number: neither the environment nor the user database knows a name."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    with pytest.raises((KeyError, OSError)):
        getpass.getuser()

    assert opened(tmp_path)["lead"] == "user 54321"


def test_the_lead_may_be_named(tmp_path: Path) -> None:
    assert opened(tmp_path, lead="maria")["by"] == "maria"


@pytest.mark.parametrize(
    ("until", "bad_at", "taken_up"),
    [("2999-01-01T00:00:00.000Z", None, True), ("2999-01-01T00:00:00.000Z", "2026-11-22T02:38:00Z", True),
     ("2999-01-01T00:00:00.000Z", "2026-11-22T03:00:00Z", False), ("2026-01-01T00:00:00.000Z", None, False)],
    ids=["again", "again with its moment", "another moment", "too late to approve it"],
)  # fmt: skip
def test_one_that_waits_for_approval_is_taken_up_while_it_may_be_approved(
    tmp_path: Path, until: str, bad_at: str | None, taken_up: bool
) -> None:
    first = opened(tmp_path, bad_at="2026-11-22T02:38:00Z")
    Store(tmp_path).incidents("test")[-1].update(state="awaiting_approval", approve_until=until)

    again = opened(tmp_path, bad_at=bad_at) if bad_at else opened(tmp_path)

    assert (again["id"] == first["id"]) == taken_up
    assert not again["resumed"], "nothing was changed, so that it has to look broken still"


def test_a_drill_says_so_itself(tmp_path: Path) -> None:
    assert "drill" not in opened(tmp_path)
    assert opened(tmp_path, drill="true")["drill"] is True
