"""What a rollback needs, judged from what others have seen: whatever is not known to be met is never READY, and none hides another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import checked
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready import data, records, releases
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.approvers import approvers
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.readiness import ARGUMENTS, ASSESS, judge
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ssh_people import People

pytestmark = pytest.mark.once
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
SKIPPED = {"skipped": True}


def release(name: str, days: float) -> dict[str, Any]:
    return Release(f"dpl_{name}", name * 40, NOW - timedelta(days=days), NOW - timedelta(days=days), True).as_dict()


def reading(**more: Any) -> dict[str, Any]:
    there = [release("b", 1), release("a", 2)]
    return {"serving": there[0], "releases": there, "held": False, "holds": True, "vendor": "Vercel", "retention": None, **more}


def of(reading: Any, **own: Any) -> dict[str, Any]:
    (found,) = releases.releases({"shop": reading}, {}, {"shop": own}, DAY, NOW)
    return found


@given(st.lists(st.sampled_from(["OK", "BAD", "UNKNOWN", "SKIPPED"])))
def test_ready_means_that_something_was_looked_at_and_all_of_it_is_well(verdicts: list[str]) -> None:
    word = judge([checked("x", verdict) for verdict in verdicts])
    counted = [verdict for verdict in verdicts if verdict != "SKIPPED"]
    assert (word == "READY") is (bool(counted) and set(counted) == {"OK"})
    assert (word == "NOT READY") is ("BAD" in counted)


def test_what_it_goes_back_to_and_until_when() -> None:
    assert (of(reading())["verdict"], of(reading())["back_to"], of(reading())["until"]) == ("OK", "aaaaaaa", None)
    kept = of(reading(retention={"days": 30, "sure": True}))
    assert (kept["verdict"], kept["until"]) == ("OK", moment.iso(NOW + timedelta(days=28)))
    assert of(reading(), days=2.5)["verdict"] == "BAD", "gone within the day"
    assert of(reading(retention={"days": 2.5, "sure": False}))["verdict"] == "UNKNOWN", "or longer by the price plan"
    assert of(reading(retention={"days": 2.5, "sure": False}), days=30)["verdict"] == "OK", "which the inventory says"
    assert of(reading(releases=[release("b", 1)]))["verdict"] == "BAD", "nothing to go back to"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"failed": True, "error": "NotAuthorised", "msg": "the token is wrong"}, "BAD"),
        ({"failed": True, "error": "Unavailable", "msg": "503"}, "UNKNOWN"),
        ({"unreachable": True, "msg": "ssh"}, "UNKNOWN"),
        ({"msg": "All items completed"}, "UNKNOWN"),
        ({"releases": [{}], "serving": None}, "UNKNOWN"),
        (None, "UNKNOWN"),
    ],
)
def test_a_target_that_cannot_be_read(answer: Any, verdict: str) -> None:
    found = of(answer)
    assert found["verdict"] == verdict
    assert found["todo"]


def test_a_target_without_releases_and_a_condemned_one() -> None:
    assert releases.releases({"db": SKIPPED}, {}, {}, DAY, NOW) == []
    (found,) = releases.releases({"shop": reading()}, {"shop": {"a" * 40: moment.iso(NOW)}}, {}, DAY, NOW)
    assert found["verdict"] == "BAD"


def test_a_hold_that_no_incident_knows_of() -> None:
    held = {"shop": reading(held=True), "api": reading(held=True), "web": reading(), "git": reading(held=True, holds=False)}
    assert [check["name"] for check in releases.holds(held, {"api"})] == ["hold of shop"]


def asked(**said: Any) -> dict[str, str]:
    backup = {"path": "/b/1", "state": "finished", "problems": [], "taken_at": moment.iso(NOW - timedelta(hours=3))}
    whole = {
        "backups": {"backups": [backup], "newest": backup},
        "restored": {"rehearsal": "shop_rehearsal_1"},
        "looked": {"verdict": "OK", "summary": "9 of 9"},
        "dropped": {"purged": "shop_rehearsal_1"},
        "windows": SKIPPED,
    }
    return {check["name"]: check["verdict"] for check in data.databases({"db": {**whole, **said}}, DAY, said.get("restore", True), NOW)}


def test_backups() -> None:
    well = {"backup of db": "OK", "restore of db": "OK", "data of db": "OK"}
    damaged = {"failed": False, "failed_when_result": False, "error": "BadBackup", "msg": "data.dump is not what was written"}
    assert asked() == well
    assert asked(restore=False) == {"backup of db": "OK", "restore of db": "SKIPPED"}
    assert asked(backups={"backups": [], "newest": None})["backup of db"] == "BAD"
    assert asked(backups={"newest": {"taken_at": moment.iso(NOW - timedelta(hours=25))}}) == {**well, "backup of db": "BAD"}
    assert asked(restored=damaged) == {"backup of db": "OK", "restore of db": "BAD"}
    assert asked(restored={"failed": False, "msg": "a task failed", "exception": "x"})["restore of db"] == "UNKNOWN"
    assert asked(restored={"failed": True, "error": "ConnectionLost", "msg": "x"})["restore of db"] == "UNKNOWN"
    assert asked(restored={"rehearsal": None})["restore of db"] == "UNKNOWN", "check mode"
    assert asked(looked={"verdict": "BAD", "summary": "1 of 2"}) == {**well, "data of db": "BAD"}
    assert asked(looked=SKIPPED) == {**well, "data of db": "UNKNOWN"}, "no data checks are declared"
    assert asked(dropped=SKIPPED) == {**well, "rehearsal of db": "UNKNOWN"}
    assert asked(backups=SKIPPED) == {"backup of db": "UNKNOWN"}, "nothing says where they are"


def test_how_far_back_a_vendor_takes_a_database() -> None:
    assert asked(backups=SKIPPED, windows={"goes_back": True, "holds": moment.iso(NOW), "vendor": "Neon"}) == {"point in time of db": "OK"}
    assert asked(backups=SKIPPED, windows={"goes_back": True, "holds": moment.iso(NOW - 2 * DAY)}) == {"point in time of db": "BAD"}
    assert asked(backups=SKIPPED, windows={}) == {"point in time of db": "UNKNOWN"}
    assert asked(backups=SKIPPED, windows={"failed": True, "error": "PlanLimit", "msg": "x"}) == {"point in time of db": "BAD"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("", ""),
        ('namespaces="lastgood,git",valid-before="29991231Z"', ""),
        ('valid-before="20260101"', "the key of ben@x.com has expired on 2026-01-01"),
        ('valid-after="29990101Z"', "the key of ben@x.com is not valid before 2999-01-01"),
        ('namespaces="git"', "the key of ben@x.com is not permitted for 'lastgood'"),
    ],
)
def test_who_could_approve(tmp_path: Path, options: str, said: str) -> None:
    people = People(tmp_path)
    people.add("anna@x.com")
    people.add("ben@x.com", options)
    rules = {"signers": str(people.signers), "roles": {"lead": ["anna@x.com", "ben@x.com"]}, "required": [{"by": {"lead": 2}}]}
    (found,) = approvers(rules, None, NOW)
    assert (found["verdict"], said in str(found["got"])) == ("BAD" if said else "OK", True)


def test_who_could_not_approve(tmp_path: Path) -> None:
    people = People(tmp_path)
    anna = people.add("anna@x.com")
    people.list("ben@x.com", anna)
    roles = {"lead": ["anna@x.com", "ben@x.com"], "cto": ["carl@x.com"]}

    def said(**by: int) -> str:
        rules = {"signers": str(people.signers), "roles": roles, "required": [{"by": by}], "revoked": str(tmp_path / "revoked")}
        (found,) = approvers(rules, None, NOW)
        return f"{found['verdict']} {found['got']}"

    (tmp_path / "revoked").write_text("")
    assert said(lead=1).startswith("OK")
    assert "several share one key" in said(lead=2)
    assert "carl@x.com has no key there" in said(cto=1)
    assert "nobody has the role boss" in said(boss=1)
    assert said(lead=0) == "UNKNOWN approvals.required asks for nobody"
    (tmp_path / "revoked").write_text(anna.with_name(anna.name + ".pub").read_text())
    assert "the key of anna@x.com is revoked" in said(lead=1)
    (tmp_path / "revoked").unlink()
    assert said(lead=1).startswith("BAD"), "ssh-keygen would refuse, too"


def test_the_roles_of_the_policy_have_to_be_there_too(tmp_path: Path) -> None:
    people = People(tmp_path)
    people.add("anna@x.com")
    rules = {"signers": str(people.signers), "roles": {"engineering lead": ["anna@x.com"]}, "required": []}
    got = {check["name"]: check["verdict"] for check in approvers(rules, "default", NOW)}
    assert got["approvers: 1 engineering lead"] == "OK"
    assert "BAD" in got.values()


def test_a_lock_of_a_run_that_died_and_a_channel_that_does_not_answer(tmp_path: Path) -> None:
    lock = Lock(tmp_path, "production")
    assert records.lock(Store(str(tmp_path)), "production", None)["verdict"] == "OK"
    lock.take({"by": "maria", "environment": "production", "incident": "2026-11-22-checkout", "reason": ""}, 2**22 - 7)
    assert "held by a run that died, maria" in records.lock(Store(str(tmp_path)), "production", None)["got"]
    slack = {"kind": "slack", "channel": "C1", "token": "${slack}", "base_url": "http://127.0.0.1:1/"}
    telling = {"channels": [{"name": "a", **slack}, {"name": "b", "kind": "pigeon"}]}
    first, second = records.channels(telling, {"slack": "xoxb-secret"}, True)
    assert (first["verdict"], second["verdict"]) == ("UNKNOWN", "BAD")
    assert [check["verdict"] for check in records.channels(telling, {}, False)] == ["SKIPPED"]


def test_nothing_that_is_broken_hides_anything_else(tmp_path: Path) -> None:
    (tmp_path / "incidents").write_text("a file")
    defaults = {name: option.get("default") for name, option in ARGUMENTS.items()}
    limits = {"backup_within": 86400.0, "point_within": 86400.0, "kept_for": 86400.0}
    rules = {"signers": "/none", "required": 3}
    strange = {"readings": {"shop": reading()}, "approvals": rules, "databases": ["db"], "retention": {"shop": []}}
    given = {**defaults, **strange, "environment_name": "production", "store": str(tmp_path / "incidents"), "limits": limits}
    result = outcome(ASSESS, given, Run())
    verdicts = {check["name"]: check["verdict"] for check in result["checks"]}
    assert (result["verdict"], result["exit_code"]) == ("NOT READY", 11)
    assert verdicts["release of shop"] == "OK"
    assert {verdicts[name] for name in ("approvals", "incident store", "recovery point")} == {"BAD"}
    assert verdicts["backup of db"] == "UNKNOWN"
    assert all(line.count("\n") or len(line) <= 80 for line in result["screen"])
    assert all(f"→ {check['todo'][:20]}" in " ".join(" ".join(result["screen"]).split()) for check in result["checks"] if check.get("todo"))
