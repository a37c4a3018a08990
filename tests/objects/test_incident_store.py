"""Incidents in a bucket of a real S3 server."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT, verify

from tests.seaweedfs import KEYS, SeaweedFS

pytestmark = pytest.mark.once
FIELDS = {"environment": "production", "scenario": "checkout", "opened_at": "2026-11-22T02:38:00.000Z", "state": "open"}
HOLDER = {"by": "maria", "environment": "production", "incident": "2026-11-22-checkout", "reason": ""}


def test_two_machines_write_one_journal_and_share_one_lock(
    seaweedfs: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seaweedfs.client().create_bucket(Bucket="incidents")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS["secret_key"])

    def store(machine: str) -> Store:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / machine))
        return Store(f"s3://incidents/shop?region={KEYS['region']}&endpoint_url={seaweedfs.url}")

    now = datetime(2026, 11, 22, tzinfo=UTC)
    incident = store("one").create(now, "checkout", FIELDS)
    assert store("two").create(now, "checkout", FIELDS).fields["id"] == "2026-11-22-checkout-2"
    for number in range(4):
        opened = store("one" if number % 2 else "two").find(incident.fields["id"])
        opened.journal.append("call", number=number)
    journal = store("three").find(incident.fields["id"]).journal
    assert [event["number"] for event in journal.events()] == [0, 1, 2, 3]
    assert verify(journal.content(), incident.fields["id"]).state == INTACT

    lock = Lock(store("one").root, "production")
    lock.take(HOLDER, os.getpid())
    text, tag = lock.place.read() or ("", None)
    assert lock.place.replace(json.dumps({**json.loads(text), "host": "elsewhere"}), tag)
    assert not lock.place.replace("{}", tag)
    with pytest.raises(Locked, match="on elsewhere") as caught:
        lock.take({**HOLDER, "by": "tom"}, os.getpid())
    assert lock.take({**HOLDER, "by": "tom"}, os.getpid(), caught.value.facts["refusal"]) is not None
    assert lock.release(os.getpid()) == ""
    assert lock.holder() is None
