"""S3 Batch Operations in front of a real S3 server: jobs that copy what their manifest says, look by look, and write their report.

No emulator has it. What is asked is read by botocore's model of it; how long a job takes, and the report's details, follow AWS's examples.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import botocore.session
from botocore.exceptions import ClientError

from tests.vendor_proxy import Answer, Exchange, Forward

MODEL = botocore.session.Session().get_service_model("s3control")
STATES = ("New", "Preparing", "Ready", "Active", "Completing", "Complete")
_PATH = re.compile(r"/v20180820/jobs(?:/([^/?]+))?$")


@dataclass
class Job:
    asked: dict[str, Any]
    states: list[str]
    rows: list[list[str]]
    failed: list[list[str]] = field(default_factory=list)


class BatchOperations:
    """To be the C(disturb) of a proxy. C(end) is how jobs end, C(denied) the keys whose copies are refused."""

    def __init__(self, s3: Any, end: str = "Complete", denied: frozenset[str] = frozenset()) -> None:
        self.s3, self.end, self.denied = s3, end, denied
        self.jobs: dict[str, Job] = {}
        self.tokens: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def __call__(self, exchange: Exchange, forward: Forward) -> Answer:
        found = _PATH.match(exchange.path)
        if not found:
            return forward()
        if found[1]:
            return self._described(found[1])
        shape = MODEL.operation_model("CreateJob").input_shape
        asked = _read(ElementTree.fromstring(exchange.body), shape)
        missing = set(shape.required_members) - {"AccountId"} - set(asked)
        assert not missing, missing
        token = asked["ClientRequestToken"]
        if token not in self.tokens:
            self.tokens[token] = f"job-{next(self._numbers)}"
            self.jobs[self.tokens[token]] = Job(asked, [*STATES[:-1], self.end], self._rows(asked["Manifest"]))
        return _xml("CreateJobResult", f"<JobId>{self.tokens[token]}</JobId>")

    def _rows(self, manifest: dict[str, Any]) -> list[list[str]]:
        assert manifest["Spec"]["Fields"] == ["Bucket", "Key", "VersionId"]
        bucket, key = manifest["Location"]["ObjectArn"].removeprefix("arn:aws:s3:::").split("/", 1)
        found = self.s3.get_object(Bucket=bucket, Key=key)
        assert found["ETag"].strip('"') == manifest["Location"]["ETag"]
        return list(csv.reader(io.StringIO(found["Body"].read().decode())))

    def _described(self, name: str) -> Answer:
        job = self.jobs[name]
        state = job.states.pop(0) if len(job.states) > 1 else job.states[0]
        if state == "Active":
            for row in job.rows:
                self._copy(job, row)
            self._report(name, job)
        done = state in ("Active", "Completing", "Complete")
        progress = (
            f"<TotalNumberOfTasks>{len(job.rows)}</TotalNumberOfTasks>"
            f"<NumberOfTasksSucceeded>{len(job.rows) - len(job.failed) if done else 0}</NumberOfTasksSucceeded>"
            f"<NumberOfTasksFailed>{len(job.failed) if done else 0}</NumberOfTasksFailed>"
        )
        why = "<member><FailureCode>ManifestNotFound</FailureCode><FailureReason>gone</FailureReason></member>"
        told = f"<JobId>{name}</JobId><Status>{state}</Status><ProgressSummary>{progress}</ProgressSummary>"
        return _xml("DescribeJobResult", f"<Job>{told}<FailureReasons>{why if state == 'Failed' else ''}</FailureReasons></Job>")

    def _copy(self, job: Job, row: list[str]) -> None:
        bucket, key, version = row[0], unquote(row[1]), row[2]
        copy = job.asked["Operation"]["S3PutObjectCopy"]
        try:
            if key in self.denied:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": 'Denied, "really"'}}, "CopyObject")
            source = {"Bucket": bucket, "Key": key, "VersionId": version}
            target = copy["TargetResource"].removeprefix("arn:aws:s3:::")
            self.s3.copy_object(Bucket=target, Key=key, CopySource=source, StorageClass=copy["StorageClass"], MetadataDirective="COPY")
        except ClientError as error:
            told = error.response["Error"]
            job.failed.append([bucket, row[1], version, "failed", "403", told["Code"], told["Message"]])

    def _report(self, name: str, job: Job) -> None:
        asked = job.asked["Report"]
        bucket, folder = asked["Bucket"].removeprefix("arn:aws:s3:::"), f"{asked['Prefix']}/job-{name}"
        text = io.StringIO()
        csv.writer(text).writerows(job.failed)
        result = {"TaskExecutionStatus": "failed", "Bucket": bucket, "MD5Checksum": "0", "Key": f"{folder}/results/1.csv"}
        told = {"Format": "Report_CSV_20180820", "Results": [result] if job.failed else []}
        self.s3.put_object(Bucket=bucket, Key=f"{folder}/results/1.csv", Body=text.getvalue().encode())
        self.s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(told).encode())


def _read(element: ElementTree.Element, shape: Any) -> Any:
    """As the model says; a member that it does not know is an error."""
    if shape.type_name == "structure":
        return {child.tag.rpartition("}")[2]: _read(child, shape.members[child.tag.rpartition("}")[2]]) for child in element}
    if shape.type_name == "list":
        return [_read(child, shape.member) for child in element]
    return element.text or ""


def _xml(name: str, inside: str) -> Answer:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">{inside}</{name}>'
    return Answer(200, text.encode(), {"Content-Type": "application/xml"})
