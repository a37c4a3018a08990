"""Whether everything could be rolled back: READY when it could, and every broken precondition named in one run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import everything
from tests.playbooks.test_watch import let_go_live
from tests.unit.ssh_people import People

pytestmark = pytest.mark.once
READINESS = "playbooks/readiness.yml"
WITHOUT_AWS = ("--limit", "all:!edge:!objects")


class Night:
    """The nightly look at the shop, with somebody who may approve."""

    def __init__(self, box: Box, operator: Operator, directory: Path) -> None:
        self.box, self.operator, self.backups = box, operator, directory / "backups"
        self.people, self.file = People(directory), directory / "readiness.json"
        self.password = directory / "password"
        self.password.write_text("a vault password\n")
        self.people.add("anna@x.com")
        roles = {role: ["anna@x.com"] for role in ("engineering lead", "engineering manager", "CTO")}
        rules = [{"by": {"engineering lead": 1}}]
        self.approvals = {"signers": str(self.people.signers), "roles": roles, "required": rules}

    def run(self, playbook: str = READINESS, *arguments: str, **more: Any) -> Ran:
        where = {"LASTGOOD_SANDBOX_STATE": str(self.box.state_dir)}
        told = {"approvals": self.approvals, "policy": "default", "readiness_file": str(self.file), "deliver_notifications": True}
        given = {"sandbox_state": str(self.backups.parent), **told, **more}
        return self.operator.run(*WITHOUT_AWS, *arguments, playbook=playbook, environment=where, **given)

    @property
    def dsn(self) -> str:
        return str(self.box.read("addresses")["postgres"])

    def databases(self) -> set[str]:
        with psycopg.connect(self.dsn) as connection:
            return {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}

    def said(self) -> dict[str, dict[str, Any]]:
        return {check["name"]: check for check in json.loads(self.file.read_text())["checks"]}


@pytest.fixture
def night(box: Box, operator: Operator, tmp_path: Path) -> Night:
    return Night(box, operator, tmp_path)


def test_ready_and_then_everything_that_is_broken_is_named_at_once(box: Box, operator: Operator, night: Night) -> None:
    captured = night.run("playbooks/capture.yml", "--vault-password-file", str(night.password))
    assert captured.code == 0, captured.screen
    before, names = everything(box), night.databases()

    ready = night.run(retention={"days": 3650})

    assert ready.code == 0, ready.screen
    assert "✔ READY: " in ready.words
    assert (everything(box), night.databases()) == (before, names), "nothing is left of the rehearsal"
    well = night.said()
    assert {check["verdict"] for check in well.values()} == {"OK"}
    assert {f"release of {target}" for target in ("storefront", "backoffice", "api", "payments")} <= set(well)
    assert {"backup of shop-db", "restore of shop-db", "data of shop-db", "recovery point", "lock", "channel incidents"} <= set(well)
    assert well["release of storefront"]["until"] > "2030"
    assert "release of storefront: goes back to" in ready.words
    (kept,) = (operator.store / "readiness").glob("*-sandbox.json")
    assert json.loads(kept.read_text())["verdict"] == "READY"

    box.ship("storefront", "breaks-checkout")
    rolled_back = night.run("rollback-checkout.yml", approvals={}, deliver_notifications=False)
    assert rolled_back.code == 0, rolled_back.screen
    let_go_live(box)
    night.people.signers.write_text(night.people.signers.read_text().replace("anna@x.com ", 'anna@x.com valid-before="20260101Z" '))
    dump = max(night.backups.rglob("dump/*"), key=lambda path: path.stat().st_size)
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 0xFF
    dump.write_bytes(content)
    wrong = {"api_key": "rnd_revoked", "api_url": f"{box.vendor_url('render')}/v1"}
    small = {"backup_within": 1, "point_within": 1}

    bad = night.run(render=wrong, retention={"days": 0.5}, readiness=small)

    assert bad.code == 11, bad.screen
    said = night.said()
    named = {name for name, check in said.items() if check["verdict"] == "BAD"}
    assert {"release of api", "release of payments"} <= named, "the token is wrong"
    assert {"release of storefront", "release of backoffice"} <= named, "kept for too short a time"
    assert {"backup of shop-db", "restore of shop-db"} <= named, f"stale, and damaged: {bad.screen}"
    assert "recovery point" in named
    assert "approvers: 1 engineering lead" in named
    assert f"{operator.incident().name}: hold of storefront" in named
    assert all(said[name]["todo"] for name in named)
    assert all(f"✘ {name}: expected" in bad.words for name in named)
    assert "has expired on 2026-01-01" in bad.words
    assert "rnd_revoked" not in bad.screen + night.file.read_text()
    assert night.databases() == names
