"""What an incident store and an anchor in S3 may do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.anchor_s3 import S3Anchor
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock import Lock
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import Anchored
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.points.listing import PRUNE

from tests.iam.policies import agrees
from tests.postgres.s3 import BUCKET, KEYS, S3, serving
from tests.unit.captured_points import captured_point
from tests.vendor_proxy import Proxy

pytestmark = pytest.mark.once
FIELDS = {"environment": "production", "scenario": "checkout", "opened_at": "2026-11-22T02:38:00.000Z", "state": "open"}
HOLDER = {"by": "maria", "environment": "production", "incident": "2026-11-22-checkout", "reason": ""}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[S3]:
    monkeypatch.setenv("AWS_REGION", KEYS["region"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS["secret_key"])
    with serving() as made:
        made.empty()
        yield made


def test_a_store_lists_reads_and_writes_and_deletes_nothing(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(s3.url) as aws:
        monkeypatch.setenv("AWS_URL", aws.url)
        for machine in ("one", "two"):
            monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / machine))
            store = Store(f"s3://{BUCKET}/incidents")
            found = store.incidents("production")
            incident = store.find("2026-11-22-checkout") if found else store.create(datetime(2026, 11, 22, tzinfo=UTC), "checkout", FIELDS)
            incident.journal.append("opened")
            incident.update(state="started")
            lock = Lock(store.root, "production")
            lock.take(HOLDER, 1)
            lock.release(1)
            incident.journal.events()
        agrees("incident-store", aws.log)


def test_only_pruning_recovery_points_deletes(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(s3.url) as aws:
        monkeypatch.setenv("AWS_URL", aws.url)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        store, now = f"s3://{BUCKET}/incidents", datetime.now(UTC)
        for days in (9, 0):
            captured_point(store, at=now - timedelta(days=days))
        assert outcome(PRUNE, {"store": store, "environment_name": "production", "keep": {"last": 1}}, Run())["changed"]
        agrees("recovery-points", aws.log)


def test_an_anchor_locks_what_it_writes(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.client.create_bucket(
        Bucket="heads", ObjectLockEnabledForBucket=True, CreateBucketConfiguration={"LocationConstraint": KEYS["region"]}
    )
    with Proxy(s3.url) as aws:
        monkeypatch.setenv("AWS_URL", aws.url)
        anchor = S3Anchor("s3://heads/journals?retain=400")
        anchor.keep("2026-11-22-checkout", Anchored(1, "a" * 64))
        assert anchor.kept("2026-11-22-checkout") == [Anchored(1, "a" * 64)]
        agrees("incident-anchor", aws.log)
