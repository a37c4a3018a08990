"""What goes through the front: S3, Lambda, CloudWatch and RDS, stricter where AWS is; and what survives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws.contents import ASSETS, UPLOADS
from sandbox.aws.seed import FUNCTION
from sandbox.testing import Box

Account = Callable[..., Any]
MENU = "uploads/menu.json"


@pytest.fixture
def s3(account: Account) -> Any:
    return account("s3", "eu-west-1")


def refused(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def versions(s3: Any, key: str = MENU) -> list[str]:
    return [row["VersionId"] for row in s3.list_object_versions(Bucket=UPLOADS, Prefix=key).get("Versions", [])]


def test_the_shop_has_a_history(s3: Any, account: Account) -> None:
    rows = s3.list_object_versions(Bucket=UPLOADS, Prefix=MENU)["Versions"]
    assert len({row["LastModified"].date() for row in rows}) == 2
    functions = account("lambda").list_versions_by_function(FunctionName=FUNCTION)["Versions"][1:]
    assert [row["LastModified"] for row in functions] == sorted(row["LastModified"] for row in functions)
    assert len({row["CodeSha256"] for row in functions}) == 3


AWKWARD = ["plain", "a b+c%25&d#e", "ünï/çødé", "//double//", "a/./b/../c", "tab\there", "new\nline", "q?x=y", "\x01"]


@pytest.mark.parametrize("key", AWKWARD)
def test_awkward_keys_and_bodies_come_through_as_they_are(s3: Any, key: str) -> None:
    body = bytes(range(256)) * 300
    s3.put_object(Bucket=UPLOADS, Key=key, Body=body, ContentEncoding="gzip", Metadata={"who": "me"})
    got = s3.get_object(Bucket=UPLOADS, Key=key)
    assert (got["Body"].read(), got["ContentEncoding"], got["Metadata"]) == (body, "gzip", {"who": "me"})
    assert s3.head_object(Bucket=UPLOADS, Key=key)["ContentLength"] == len(body)
    assert key in [row["Key"] for row in s3.list_objects_v2(Bucket=UPLOADS)["Contents"]]


def test_large_bodies_are_passed_on_in_pieces(s3: Any) -> None:
    body = b"0123456789" * 600_000
    s3.put_object(Bucket=UPLOADS, Key="large", Body=body, ChecksumAlgorithm="SHA256")
    assert s3.get_object(Bucket=UPLOADS, Key="large")["Body"].read() == body


def test_a_batch_has_a_thousand_keys_at_most(s3: Any) -> None:
    rows = [{"Key": f"gone-{number}"} for number in range(1001)]
    assert refused(lambda: s3.delete_objects(Bucket=UPLOADS, Delete={"Objects": rows})) == ("MalformedXML", 400)
    assert len(s3.delete_objects(Bucket=UPLOADS, Delete={"Objects": rows[:1000]})["Deleted"]) == 1000


def test_a_copy_is_standard_unless_it_says_otherwise(s3: Any) -> None:
    s3.put_object(Bucket=UPLOADS, Key="rare", Body=b"x", StorageClass="STANDARD_IA")
    s3.copy_object(Bucket=UPLOADS, Key="rare", CopySource={"Bucket": UPLOADS, "Key": "rare"})
    assert "StorageClass" not in s3.head_object(Bucket=UPLOADS, Key="rare")


def test_what_is_archived_is_neither_copied_nor_read(s3: Any) -> None:
    version = s3.put_object(Bucket=UPLOADS, Key="old", Body=b"x", StorageClass="GLACIER")["VersionId"]
    source = {"Bucket": UPLOADS, "Key": "old", "VersionId": version}
    assert refused(lambda: s3.copy_object(Bucket=UPLOADS, Key="old", CopySource=source)) == ("InvalidObjectState", 403)
    assert refused(lambda: s3.get_object(Bucket=UPLOADS, Key="old")) == ("InvalidObjectState", 403)


def test_a_copy_can_depend_on_what_is_there(s3: Any) -> None:
    source = {"Bucket": UPLOADS, "Key": MENU}
    assert refused(lambda: s3.copy_object(Bucket=UPLOADS, Key=MENU, CopySource=source, IfMatch='"no"')) == ("PreconditionFailed", 412)
    assert refused(lambda: s3.copy_object(Bucket=UPLOADS, Key=MENU, CopySource=source, IfNoneMatch="*")) == ("PreconditionFailed", 412)
    etag = s3.head_object(Bucket=UPLOADS, Key=MENU)["ETag"]
    s3.copy_object(Bucket=UPLOADS, Key=MENU, CopySource=source, IfMatch=etag)
    s3.copy_object(Bucket=UPLOADS, Key="new", CopySource=source, IfNoneMatch="*")


def test_what_came_in_parts_is_as_old_as_its_upload(s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket=UPLOADS, Key="parts")["UploadId"]
    s3.put_object(Bucket=UPLOADS, Key="parts", Body=b"meanwhile")
    part = s3.upload_part(Bucket=UPLOADS, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    s3.complete_multipart_upload(Bucket=UPLOADS, Key="parts", UploadId=upload, MultipartUpload=parts)
    newest, other = s3.list_object_versions(Bucket=UPLOADS, Prefix="parts")["Versions"]
    assert (newest["IsLatest"], newest["Size"]) == (True, 1)
    assert newest["LastModified"] < other["LastModified"]
    assert s3.get_object(Bucket=UPLOADS, Key="parts")["Body"].read() == b"x"


def test_some_keys_of_a_batch_fail_and_the_others_go(aws: Box, s3: Any) -> None:
    aws.control("aws_fault", service="s3", call=f"DELETE /{UPLOADS}/{re.escape(MENU)}", code="AccessDenied", status=403)
    rows = [{"Key": MENU}, {"Key": "uploads/products/bread.svg"}]
    told = s3.delete_objects(Bucket=UPLOADS, Delete={"Objects": rows})
    assert [(row["Key"], row["Code"]) for row in told["Errors"]] == [(MENU, "AccessDenied")]
    assert [row["Key"] for row in told["Deleted"]] == ["uploads/products/bread.svg"]
    assert len(s3.list_object_versions(Bucket=UPLOADS)["DeleteMarkers"]) == 1


def test_an_error_can_be_inside_a_200(aws: Box, s3: Any) -> None:
    aws.control("aws_fault", service="s3", call=f"PUT /{UPLOADS}", code="InternalError", status=200)
    with pytest.raises(ClientError, match="InternalError"):
        s3.copy_object(Bucket=UPLOADS, Key="new", CopySource={"Bucket": UPLOADS, "Key": MENU})
    assert versions(s3, "new") == []


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("s3", lambda client: client.list_objects_v2(Bucket=UPLOADS)),
        ("cloudfront", lambda client: client.list_distributions()),
        ("lambda", lambda client: client.list_functions()),
        ("cloudwatch", lambda client: client.describe_alarms()),
        ("config", lambda client: client.describe_configuration_recorders()),
        ("rds", lambda client: client.describe_db_instances()),
    ],
)
def test_who_is_unknown_is_refused(account: Account, service: str, call: Callable[[Any], Any]) -> None:
    code, status = refused(lambda: call(account(service, aws_access_key_id="AKIAWRONG")))
    assert status == 403
    assert code in ("InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException")


def test_a_version_that_the_edge_runs_is_not_deleted(account: Account) -> None:
    client = account("lambda")
    assert refused(lambda: client.delete_function(FunctionName=FUNCTION, Qualifier="3"))[0] == "InvalidParameterValueException"
    client.delete_function(FunctionName=FUNCTION, Qualifier="1")
    assert refused(lambda: client.publish_version(FunctionName=FUNCTION, CodeSha256="another")) == ("PreconditionFailedException", 412)


def test_what_ministack_lacks_is_motos(account: Account) -> None:
    rds = account("rds", "eu-west-1")
    more = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    rds.create_db_instance(DBInstanceIdentifier="shop", MasterUsername="shop", MasterUserPassword="secret-of-the-shop", **more)
    assert [row["DBInstanceIdentifier"] for row in rds.describe_db_instances()["DBInstances"]] == ["shop"]


def test_what_is_remembered_comes_back(aws: Box, s3: Any, cloudfront: Any) -> None:
    aws.ship(FUNCTION, "breaks-checkout")
    s3.put_object(Bucket=UPLOADS, Key="kept", Body=b"x")
    aws.control("remember", name="then")
    etag = cloudfront.get_distribution(Id="E1RACHELFOODS1")["ETag"]
    aws.reset()
    assert versions(s3, "kept") == []
    aws.control("recall", name="then")
    assert len(versions(s3, "kept")) == 1
    assert cloudfront.get_distribution(Id="E1RACHELFOODS1")["ETag"] == etag


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_loses_nothing(aws: Box, s3: Any, cloudfront: Any, eventually: Callable[..., Any], end: str) -> None:
    aws.set_latency(**{"aws.deploy": 1})
    aws.ship(FUNCTION, "breaks-checkout")
    aws.ship("uploads", "breaks-checkout")
    before = (versions(s3), cloudfront.get_distribution(Id="E1RACHELFOODS1")["ETag"])
    getattr(aws, end)()
    aws.start()
    assert (versions(s3), cloudfront.get_distribution(Id="E1RACHELFOODS1")["ETag"]) == before
    eventually(lambda: cloudfront.get_distribution(Id="E1RACHELFOODS1")["Distribution"]["Status"] == "Deployed")
    aws.reset()
    assert len(versions(s3)) == 2
    assert len(s3.list_objects_v2(Bucket=ASSETS)["Contents"]) == 2
