"""The heads of journals in a real S3 bucket with object lock."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.anchor import anchor_at, keep_head
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT, TAMPERED, Anchored, verify
from botocore.exceptions import ClientError

from tests.seaweedfs import KEYS, SeaweedFS

NAME = "2026-11-22-checkout"


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seaweedfs: SeaweedFS) -> Journal:
    monkeypatch.setenv("AWS_URL", seaweedfs.url)
    monkeypatch.setenv("AWS_REGION", KEYS["region"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS["secret_key"])
    journal = Journal(tmp_path / NAME / "journal.jsonl")
    journal.path.parent.mkdir()
    journal.append("opened")
    return journal


def test_a_head_is_kept_locked_and_no_delete_marker_hides_it(journal: Journal, seaweedfs: SeaweedFS) -> None:
    s3 = seaweedfs.client()
    s3.create_bucket(Bucket="heads", ObjectLockEnabledForBucket=True)
    url = "s3://heads/journals?retain=1"

    assert keep_head(journal, url) == ""
    journal.append("closed")
    assert keep_head(journal, url) == ""

    content = journal.path.read_bytes()
    kept = anchor_at(url).kept(NAME)
    assert [anchored.lines for anchored in kept] == [1, 2]
    assert verify(content, NAME, kept).state == INTACT
    (newest,) = (row for row in s3.list_object_versions(Bucket="heads")["Versions"] if "/000002-" in row["Key"])
    s3.delete_object(Bucket="heads", Key=newest["Key"])
    with pytest.raises(ClientError):
        s3.delete_object(Bucket="heads", Key=newest["Key"], VersionId=newest["VersionId"])
    assert anchor_at(url).kept(NAME) == kept
    assert anchor_at(url).kept(f"{NAME}-2") == []
    assert verify(content.splitlines(keepends=True)[0], NAME, kept).state == TAMPERED


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AWS_URL", "http://127.0.0.1:9"), ("AWS_SECRET_ACCESS_KEY", "another"), ("AWS_PROFILE", "nobody")],
    ids=["nobody answers", "not allowed", "no credentials"],
)
def test_what_goes_wrong_there_stops_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    assert keep_head(journal, "s3://heads/journals").startswith("the journal's head was not kept outside: ")
    assert [event["event"] for event in journal.events()] == ["opened", "not_anchored"]


@pytest.mark.parametrize("url", ["s3://", "s3://heads?retain=long", "s3://heads?keep=1"])
def test_an_address_that_makes_no_sense(journal: Journal, url: str) -> None:
    assert "is no place for the heads of journals" in keep_head(journal, url)


def test_what_is_named_otherwise_is_no_head(journal: Journal, seaweedfs: SeaweedFS) -> None:
    s3 = seaweedfs.client()
    s3.create_bucket(Bucket="others")
    s3.put_object(Bucket="others", Key=f"{NAME}/readme", Body=b"")
    assert anchor_at("s3://others").kept(NAME) == []
    anchor_at("s3://others").keep(NAME, Anchored(1, "a" * 64))
    assert anchor_at("s3://others").kept(NAME) == [Anchored(1, "a" * 64)]
