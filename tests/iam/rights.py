"""The rights in IAM that a call needs, read from the call as it was sent: https://docs.aws.amazon.com/service-authorization/"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import botocore.session

from tests.vendor_proxy import Exchange


class Right(NamedTuple):
    """C(resource) is an ARN with the places to fill in in capitals, or C(*) where IAM knows none for the action."""

    action: str
    resource: str


BUCKET, OBJECTS = "arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"
DISTRIBUTION = "arn:aws:cloudfront::ACCOUNT:distribution/DISTRIBUTION"
FUNCTION, VERSIONS = "arn:aws:lambda:us-east-1:ACCOUNT:function:FUNCTION", "arn:aws:lambda:us-east-1:ACCOUNT:function:FUNCTION:*"
RDS = "arn:aws:rds:REGION:ACCOUNT:"
INSTANCES = f"{RDS}db:NAME*"
SETTINGS = tuple(f"{RDS}{kind}:*" for kind in ("og", "pg", "secgrp", "subgrp"))
OF_RDS = {
    "rds:RestoreDBInstanceToPointInTime": (INSTANCES, *SETTINGS, f"{RDS}auto-backup:*"),
    "rds:RestoreDBInstanceFromDBSnapshot": (INSTANCES, *SETTINGS, f"{RDS}snapshot:*"),
    "rds:ModifyDBInstance": (INSTANCES, *SETTINGS),
}
"""What a call to RDS has to be allowed for, beyond the instance."""
OTHERS = {
    "acm:DescribeCertificate": "arn:aws:acm:us-east-1:ACCOUNT:certificate/*",
    "wafv2:GetWebACL": "arn:aws:wafv2:us-east-1:ACCOUNT:global/webacl/*",
}
"""What single calls have to be allowed for."""
SERVICES = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
"""botocore's name of a service, where its signatures have another."""
PREFIXES = {"resourcegroupstaggingapi": "tag"}
"""IAM's prefix of a service, where it is another than botocore's name."""
QUERIES = {
    ("GET", "versions"): "s3:ListBucketVersions",
    ("GET", "versioning"): "s3:GetBucketVersioning",
    ("GET", "lifecycle"): "s3:GetLifecycleConfiguration",
    ("GET", "object-lock"): "s3:GetBucketObjectLockConfiguration",
    ("GET", "replication"): "s3:GetReplicationConfiguration",
    ("GET", "encryption"): "s3:GetEncryptionConfiguration",
    ("GET", "ownershipControls"): "s3:GetBucketOwnershipControls",
    ("GET", "publicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("GET", "website"): "s3:GetBucketWebsite",
    ("GET", "location"): "s3:GetBucketLocation",
    ("GET", "uploads"): "s3:ListBucketMultipartUploads",
}
"""Calls of S3 for a bucket, by what stands in the query."""
LISTING = {"list-type", "prefix", "delimiter", "encoding-type", "max-keys", "marker", "start-after", "continuation-token", "fetch-owner"}
"""What may stand in the query of a list of objects."""
OF_AN_OBJECT = {
    ("GET", "tagging"): ("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
    ("PUT", "tagging"): ("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
    ("GET", "acl"): ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    ("PUT", "acl"): ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
    ("GET", "attributes"): ("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
    ("POST", "restore"): ("s3:RestoreObject", "s3:RestoreObject"),
    ("GET", "retention"): ("s3:GetObjectRetention", "s3:GetObjectRetention"),
    ("GET", "legal-hold"): ("s3:GetObjectLegalHold", "s3:GetObjectLegalHold"),
    ("GET", "uploadId"): ("s3:ListMultipartUploadParts", "s3:ListMultipartUploadParts"),
    ("DELETE", "uploadId"): ("s3:AbortMultipartUpload", "s3:AbortMultipartUpload"),
    ("PUT", "uploadId"): ("s3:PutObject", "s3:PutObject"),
    ("POST", "uploadId"): ("s3:PutObject", "s3:PutObject"),
    ("POST", "uploads"): ("s3:PutObject", "s3:PutObject"),
}
"""Calls of S3 for an object: of the newest version, of one by its id."""
PLAIN = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}
OF_A_VERSION = {"s3:GetObject": "s3:GetObjectVersion", "s3:DeleteObject": "s3:DeleteObjectVersion"}
GRANTS = {
    "x-amz-tagging": "s3:PutObjectTagging",
    "x-amz-acl": "s3:PutObjectAcl",
    "x-amz-bypass-governance-retention": "s3:BypassGovernanceRetention",
    "x-amz-object-lock-mode": "s3:PutObjectRetention",
}
"""What a header asks for beyond the call."""
IMPLIED = {
    # A distribution with Lambda@Edge can only be updated by who may use the functions there.
    "cloudfront:UpdateDistribution": (Right("lambda:GetFunction", VERSIONS), Right("lambda:EnableReplication*", VERSIONS)),
}
"""Rights that AWS looks at for a call and that no other call shows."""


def rights(call: Exchange) -> set[Right]:
    """Those that AWS asks for; raises LookupError for a call that nobody has said this of."""
    scope = re.search(r"Credential=[^/]+/\d{8}/[^/]*/([^/]+)/aws4_request", call.headers.get("authorization", ""))
    if not scope:
        raise LookupError(f"nobody has signed {call}")
    if scope[1] == "s3":
        return _of_s3(call)
    service = SERVICES.get(scope[1], scope[1])
    action = f"{PREFIXES.get(service, service)}:{_operation(service, call)}"
    return {*(Right(action, resource) for resource in _resources(action, call)), *IMPLIED.get(action, ())}


def _of_s3(call: Exchange) -> set[Right]:
    parts = urlsplit(call.path)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    _bucket, _slash, key = unquote(parts.path).lstrip("/").partition("/")
    if not key:
        return _of_a_bucket(call, query)
    known = next((pair for (method, name), pair in OF_AN_OBJECT.items() if method == call.method and name in query), None)
    action = known["versionId" in query] if known else PLAIN[call.method]
    if not known and "versionId" in query:
        action = OF_A_VERSION[action]
    found = {Right(action, OBJECTS), *(Right(grant, OBJECTS) for header, grant in GRANTS.items() if header in call.headers)}
    found |= {Right("s3:PutObjectAcl", OBJECTS) for header in call.headers if header.startswith("x-amz-grant-")}
    if source := call.headers.get("x-amz-copy-source"):
        of_a_version = "versionId=" in source
        found.add(Right("s3:GetObjectVersion" if of_a_version else "s3:GetObject", OBJECTS))
        if "uploadId" not in query:  # tags come along with a copy that is made in one piece
            tagging = "s3:GetObjectVersionTagging" if of_a_version else "s3:GetObjectTagging"
            found |= {Right(tagging, OBJECTS), Right("s3:PutObjectTagging", OBJECTS)}
    return found


def _of_a_bucket(call: Exchange, query: dict[str, str]) -> set[Right]:
    if call.method == "POST" and "delete" in query:
        rows = re.findall(rb"<Object>.*?</Object>", call.body, re.DOTALL)
        by_id = {b"<VersionId>" in row for row in rows}
        return {Right("s3:DeleteObjectVersion" if one else "s3:DeleteObject", OBJECTS) for one in by_id}
    named = next((action for (method, name), action in QUERIES.items() if method == call.method and name in query), None)
    if named:
        return {Right(named, BUCKET)}
    if call.method in ("GET", "HEAD") and query.keys() <= LISTING:
        return {Right("s3:ListBucket", BUCKET)}
    raise LookupError(f"what {call.method} {call.path} needs is not known")


def _operation(service: str, call: Exchange) -> str:
    """The API's name for it, whatever the protocol."""
    if target := call.headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if call.path.startswith("/service/"):  # smithy-rpc-v2
        return call.path.rpartition("/")[2]
    if b"Action=" in call.body:
        return parse_qs(call.body.decode())["Action"][0]
    path = urlsplit(call.path).path
    fitting = [
        (len(pattern.pattern), name) for method, pattern, name in _routes(service) if method == call.method and pattern.fullmatch(path)
    ]
    if not fitting:
        raise LookupError(f"{service} has no operation {call.method} {path}")
    return max(fitting)[1]


@cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], str]]:
    model = botocore.session.get_session().get_service_model(service)
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        literal = re.split(r"\{[^}]+\}", http["requestUri"].partition("?")[0])
        routes.append((http["method"], re.compile("[^/]+".join(map(re.escape, literal)) + "/?"), name))
    return routes


def _resources(action: str, call: Exchange) -> tuple[str, ...]:
    service, name = action.split(":")
    if service == "cloudfront":
        return (DISTRIBUTION if re.search("Distribution|Invalidation", name) and not name.startswith("ListDistributions") else "*",)
    if service == "lambda":
        return (VERSIONS if re.search(r":function:[^:/]+:\d+", unquote(call.path)) else FUNCTION,)
    if service == "rds" and not name.startswith("Describe"):
        return OF_RDS.get(action, (INSTANCES,))
    return (OTHERS.get(action, "*"),)
