"""Copies by S3 Batch Operations: a job for each storage class, waited for, and what it could not do is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.batch_files import Row
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.batch_operations import BatchCopies, takes
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

from tests.objects.batch_emulator import BatchOperations
from tests.objects.buckets import WHO, new_bucket, plain, server
from tests.vendor_proxy import Answer, Proxy

KEYS = ["plain", "comma,quote\"", "new\nline", "ünï", "p%41", "plus+ space"]
ROLE = "arn:aws:iam::123456789012:role/restore"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("s3")) as running:
        yield running


class Trial:
    """A bucket whose keys were overwritten, and jobs that copy them back."""

    def __init__(self, s3: Any, proxy: Proxy) -> None:
        self.s3, self.proxy = s3, proxy
        self.name, self.reports = new_bucket(self.s3), new_bucket(self.s3)
        self.told: list[str] = []
        self.rows = []
        for number, key in enumerate(KEYS):
            storage = "STANDARD_IA" if number % 2 else "STANDARD"
            put = self.s3.put_object(Bucket=self.name, Key=key, Body=b"one", StorageClass=storage, Metadata={"a": "b"}, Tagging="t=1")
            self.rows.append(Row(key, put["VersionId"], 3, storage))
            self.s3.put_object(Bucket=self.name, Key=key, Body=b"two")
        self.emulator = BatchOperations(self.s3)
        proxy.disturb = self.emulator

    def copies(self, **more: Any) -> BatchCopies:
        options: dict[str, Any] = {**WHO, "endpoint_url": self.proxy.url, "batch_role": ROLE, "batch_place": f"s3://{self.reports}/jobs"}
        options |= {"batch_timeout": 30, "batch_poll": 0.01, **more}
        run = Run(tell=self.told.append)
        return BatchCopies(Bucket(self.name, options, run), options, run)

    def body(self, key: str) -> bytes:
        content: bytes = self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()
        return content


@pytest.fixture(scope="module")
def s3(url: str) -> Any:
    return plain(url)


@pytest.fixture
def trial(url: str, s3: Any) -> Iterator[Trial]:
    with Proxy(url) as proxy:
        yield Trial(s3, proxy)


def test_a_job_for_each_storage_class_copies_every_key(trial: Trial) -> None:
    copies = trial.copies()
    assert list(copies.carry_out(trial.rows, "plan 1")) == []
    assert {trial.body(key) for key in KEYS} == {b"one"}
    heads = {key: trial.s3.head_object(Bucket=trial.name, Key=key) for key in KEYS}
    assert [heads[key].get("StorageClass", "STANDARD") for key in KEYS] == ["STANDARD", "STANDARD_IA"] * 3
    assert {head["Metadata"]["a"] for head in heads.values()} == {"b"}
    assert sorted((job.storage_class, job.rows, job.succeeded) for job in copies.jobs) == [("STANDARD", 3, 3), ("STANDARD_IA", 3, 3)]
    assert copies.line.startswith("S3 Batch Operations copied 6 of 6 objects (")


def test_what_a_job_could_not_copy_is_told_by_key(trial: Trial) -> None:
    trial.emulator.denied = frozenset(KEYS[1:3])
    failed = list(trial.copies().carry_out(trial.rows, "plan 1"))
    assert sorted(failure.key for failure in failed) == sorted(KEYS[1:3])
    assert {(failure.code, failure.message) for failure in failed} == {("AccessDenied", 'Denied, "really"')}
    assert {failure.version_id for failure in failed} == {row.version_id for row in trial.rows[1:3]}


def test_the_same_plan_waits_for_the_jobs_that_run_already(trial: Trial) -> None:
    for _run in range(2):
        list(trial.copies().carry_out(trial.rows, "plan 1"))
    assert len(trial.emulator.jobs) == 2
    list(trial.copies().carry_out(trial.rows, "plan 2"))
    assert len(trial.emulator.jobs) == 4


@pytest.mark.parametrize(
    ("end", "kind", "words"),
    [
        ("Failed", errors.BadRequest, "ManifestNotFound: gone"),
        ("Suspended", errors.Conflict, "is suspended"),
        ("Active", errors.TimedOut, "not after"),
    ],
)
def test_a_job_that_does_not_complete_is_an_error(trial: Trial, end: str, kind: type[Exception], words: str) -> None:
    trial.emulator.end = end
    with pytest.raises(kind, match=words):
        list(trial.copies(batch_timeout=1 if end == "Active" else 30).carry_out(trial.rows, "plan 1"))


def test_a_job_that_loses_rows_is_an_error(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = trial.emulator._rows
    monkeypatch.setattr(trial.emulator, "_rows", lambda manifest: rows(manifest)[1:])
    with pytest.raises(errors.Unreadable, match="accounts for 2 of 3"):
        list(trial.copies().carry_out(trial.rows, "plan 1"))


def test_a_role_that_may_not_create_jobs(trial: Trial) -> None:
    denied = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
    trial.proxy.disturb = lambda call, forward: Answer(403, denied) if call.path.startswith("/v2018") else forward()
    with pytest.raises(errors.NotAuthorised, match="CreateJob") as refused:
        list(trial.copies().carry_out(trial.rows, "plan 1"))
    assert "s3:CreateJob" in refused.value.hint


def test_a_role_is_an_arn(trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(errors.Refused, match="no ARN"):
        trial.copies(batch_role="restore")


def test_what_a_job_takes() -> None:
    assert takes(5 << 30, "STANDARD")
    assert not takes((5 << 30) + 1, "STANDARD")
    assert not takes(1, "EXPRESS_ONEZONE")
