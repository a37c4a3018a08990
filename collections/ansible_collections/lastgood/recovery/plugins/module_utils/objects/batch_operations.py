# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies by the million, made by S3 Batch Operations: a manifest, a job for each storage class, and the report of what failed.

It takes objects up to 5 GB, can neither delete nor restore from the archive, and gives all copies of a job one storage class.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-copy-object.html
No emulator has it. Read in AWS's manual, not seen at AWS: that a report's keys are URL-encoded as those of the manifest are, which of code
and HTTP status it has first, and for how long a request token is known.
"""
from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.objects import Objects
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.batch_files import Row, manifests, reported
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Failure
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

LARGEST = 5 << 30
"""Bytes of the largest object that it copies."""
OPTIONS: dict[str, Any] = {
    "engine": {"type": "str", "choices": ["here", "batch_operations"], "default": "here"},
    "batch_role": {"type": "str"},
    "batch_place": {"type": "str"},
    "batch_timeout": {"type": "int", "default": 86_400},
    "batch_poll": {"type": "float", "default": 15.0},
}
REQUIRED_IF = ("engine", "batch_operations", ["batch_role", "batch_place"])
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/.+")
_GAVE_UP = {"Failed", "Failing"}
_STOPPED = {"Cancelled", "Cancelling", "Suspended"}
_PRIORITY = 10
_CLASSES = frozenset(
    {"STANDARD", "STANDARD_IA", "ONEZONE_IA", "GLACIER", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"}
)
_AGAIN = "Look at the job in the S3 console; then run the same command again, it copies what is not yet as it was."
_ALLOW = "Allow s3:CreateJob and s3:DescribeJob, iam:PassRole for {role}, and to write to batch_place; or use engine: here."


def takes(size: int, storage_class: str) -> bool:
    """Whether such an object can be copied by a job; others have to be copied one by one."""
    return size <= LARGEST and storage_class in _CLASSES


@dataclass
class Job:
    """C(rows) copies into C(storage_class); C(succeeded) and C(failed) as S3 counts them."""

    storage_class: str
    rows: int
    id: str = ""
    succeeded: int = 0
    failed: int = 0
    status: str = "New"


class BatchCopies:
    """C(batch_role) is what S3 assumes to copy; C(batch_place), C(s3://BUCKET/PREFIX), takes manifests and reports."""

    def __init__(self, bucket: Bucket, options: Options, run: Run) -> None:
        role = _ROLE.fullmatch(options["batch_role"])
        if role is None:
            raise errors.Refused(f"{options['batch_role']} is no ARN of a role", "Write arn:aws:iam::ACCOUNT:role/NAME.")
        self._partition, self._account = role.groups()
        self._bucket, self._options, self._run = bucket, options, run
        self._place = Objects(options["batch_place"], options, run)
        # A job runs in the bucket's own region, whatever region is asked for otherwise.
        self._aws = Aws("s3control", {**options, "region": bucket.region}, run)
        if options["endpoint_url"]:
            for client in (self._aws.reading, self._aws.changing):
                client.meta.events.register("before-sign.s3-control", self._one_host)
        self.jobs: list[Job] = []

    def _one_host(self, request: Any, **_more: Any) -> None:
        """Few servers but AWS's have a host name for each account."""
        request.url = request.url.replace(f"//{self._account}.", "//", 1)

    def carry_out(self, rows: Iterable[Row], token: str) -> Iterator[Failure]:
        """The copies that failed, once all jobs have ended. With the same C(token) and rows, running jobs are waited for, not begun again.

        Errors where a job could not be begun, was cancelled, gave up, or does not account for every row.
        """
        try:
            with tempfile.TemporaryDirectory(prefix="lastgood-") as folder:
                for storage_class, path, count in manifests(Path(folder), self._bucket.name, rows):
                    job = Job(storage_class, count)
                    job.id = self._begun(job, path, token)
                    self.jobs.append(job)
        except errors.NotAuthorised as error:
            raise errors.NotAuthorised(error.message, _ALLOW.format(role=self._options["batch_role"])) from None
        timeout, poll = self._options["batch_timeout"], self._options["batch_poll"]
        tick = clock("S3 Batch Operations", timeout, poll, lambda _text: self._run.tell(self.line))
        while [job for job in self.jobs if not self._complete(job)]:
            tick()
        for job in self.jobs:
            if job.succeeded + job.failed != job.rows:
                raise errors.Unreadable(f"job {job.id} accounts for {job.succeeded + job.failed:,} of {job.rows:,} copies", _AGAIN)
            if job.failed:
                yield from self._failures(job)

    @property
    def line(self) -> str:
        """For the person who waits."""
        done, rows = sum(job.succeeded + job.failed for job in self.jobs), sum(job.rows for job in self.jobs)
        failed = sum(job.failed for job in self.jobs)
        states = ", ".join(f"{job.id} {job.status}" for job in self.jobs)
        return f"S3 Batch Operations copied {done - failed:,} of {rows:,} objects{f', {failed:,} failed' if failed else ''} ({states})"

    def _begun(self, job: Job, path: Path, token: str) -> str:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = f"manifest-{digest[:32]}.csv"
        self._place.send(path, name, lambda _bytes: None)
        key = self._place.key(name)
        etag = self._bucket.aws.get("HeadObject", Bucket=self._place.bucket, Key=key)["ETag"]
        where = f"arn:{self._partition}:s3:::"
        report = {"Bucket": f"{where}{self._place.bucket}", "Format": "Report_CSV_20180820", "Enabled": True}
        if self._place.prefix:
            report["Prefix"] = self._place.prefix
        answer = self._aws.send(
            "CreateJob",
            AccountId=self._account,
            ConfirmationRequired=False,
            ClientRequestToken=hashlib.sha256(f"{token} {digest} {job.storage_class}".encode()).hexdigest(),
            Description=f"lastgood: {job.rows} objects of {self._bucket.name} as they were, {job.storage_class}",
            Operation={
                "S3PutObjectCopy": {
                    "TargetResource": f"{where}{self._bucket.name}",
                    "MetadataDirective": "COPY",
                    "StorageClass": job.storage_class,
                }
            },
            Manifest={
                "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key", "VersionId"]},
                "Location": {"ObjectArn": f"{where}{self._place.bucket}/{key}", "ETag": etag.strip('"')},
            },
            Report={**report, "ReportScope": "FailedTasksOnly"},
            Priority=_PRIORITY,
            RoleArn=self._options["batch_role"],
        )
        return str(answer["JobId"])

    def _complete(self, job: Job) -> bool:
        if job.status == "Complete":
            return True
        told = self._aws.get("DescribeJob", AccountId=self._account, JobId=job.id)["Job"]
        job.status = told["Status"]
        progress = told.get("ProgressSummary") or {}
        job.succeeded, job.failed = progress.get("NumberOfTasksSucceeded", 0), progress.get("NumberOfTasksFailed", 0)
        if job.status in _GAVE_UP:
            reasons = "; ".join(f"{one.get('FailureCode')}: {one.get('FailureReason')}" for one in told.get("FailureReasons", []))
            why = reasons or told.get("StatusUpdateReason") or "it gave no reason"
            raise errors.BadRequest(f"S3 Batch Operations gave job {job.id} up after {job.succeeded:,} copies: {why}", _AGAIN)
        if job.status in _STOPPED:
            why = told.get("StatusUpdateReason") or told.get("SuspendedCause") or "somebody stopped it"
            raise errors.Conflict(f"job {job.id} is {job.status.lower()} after {job.succeeded:,} copies: {why}", _AGAIN)
        return job.status == "Complete"

    def _failures(self, job: Job) -> Iterator[Failure]:
        # AWS's examples have the report below the prefix, in a folder of the job.
        place = f"job-{job.id}"
        for result in json.loads(self._place.read(f"{place}/manifest.json"))["Results"]:
            if result["TaskExecutionStatus"] == "failed":
                answer = self._bucket.aws.get("GetObject", Bucket=result["Bucket"], Key=result["Key"])
                yield from reported(answer["Body"].read().decode())
