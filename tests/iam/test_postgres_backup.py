from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import postgres_backup, postgres_backup_info

from tests.contract.bench import printed_by
from tests.iam.policies import agrees
from tests.postgres.clusters import Cluster
from tests.postgres.s3 import BUCKET, S3, serving
from tests.vendor_proxy import Answer, Proxy, answering

PLACE = f"s3://{BUCKET}/postgres"


@pytest.fixture
def s3() -> Iterator[S3]:
    with serving() as made:
        made.empty()
        yield made


def test_backups_are_written_looked_at_and_an_upload_that_fails_is_cleared_away(cluster: Cluster, s3: S3, tmp_path: Path) -> None:
    cluster.run("CREATE TABLE IF NOT EXISTS kept (id int)")
    with Proxy(s3.url) as aws:
        where = {**s3.options, "endpoint_url": aws.url, "destination": PLACE, "scratch": str(tmp_path)}
        wanted = {**where, "url": cluster.url("postgres")}
        assert "failed" not in printed_by(postgres_backup.main, False, **wanted)
        told = printed_by(postgres_backup_info.main, False, **where, verify=True)
        assert len(told["backups"]) == 1, told
        wrote = aws.log
        aws.begin(answering(Answer(403), to=lambda call: call.method == "PUT" and "manifest" in call.path))
        assert printed_by(postgres_backup.main, False, **wanted)["failed"]
        calls = [*wrote, *aws.log]
    agrees("postgres-backup", calls)
