from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.testing import Box
from tests.aws.edge_bench import Edge
from tests.aws.rds_account import RdsAccount, rds_account
from tests.aws.stores import TroubledS3, World, served, world_of
from tests.postgres.clusters import Cluster, Missing, running


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which nobody is logged in to AWS."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    try:
        yield from running(18)
    except Missing as reason:
        pytest.skip(str(reason))


@pytest.fixture
def account(cluster: Cluster) -> Iterator[RdsAccount]:
    with rds_account(cluster) as made:
        yield made


@pytest.fixture
def edge(aws: Box) -> Edge:
    """The shop's distribution, instant and with its seeded history."""
    return Edge(aws)


@pytest.fixture(scope="session")
def troubled() -> Iterator[TroubledS3]:
    """S3, and what can go wrong with it."""
    with served() as s3:
        yield s3


@pytest.fixture
def world(troubled: TroubledS3, nobody: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Machines with one incident store, in an empty bucket."""
    troubled.empty()
    return world_of("s3", troubled, tmp_path, monkeypatch)
