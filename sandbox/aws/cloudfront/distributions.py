"""Distributions: a configuration is replaced, never merged, and reaches one point of presence after the other."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING

from sandbox.addresses import EDGE
from sandbox.aws import config_history
from sandbox.aws.cloudfront.refusals import refused
from sandbox.aws.cloudfront.rules import check
from sandbox.aws.processes import ACCOUNT
from sandbox.clock import now_ms
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

_ALPHABET = string.ascii_uppercase + string.digits
Told = tuple[int, Row]


def new_id(prefix: str = "E") -> str:
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(13))


def row_of(config: Row, at: int, id: str = "", tags: Row | None = None) -> Row:
    """A distribution that every point of presence has."""
    id, etag = id or new_id(), new_id()
    return {
        "id": id,
        "arn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{id}",
        "domain": f"d{id.lower()[1:14]}.cloudfront.net",
        "etag": etag,
        "config": config,
        "modified": at,
        "tags": tags or {},
        "at": dict.fromkeys(EDGE, etag),
        "configs": {etag: config},
    }


def find(aws: Aws, id: str) -> Row:
    """The distribution; NoSuchDistribution."""
    if id not in aws.rows["distributions"]:
        raise refused("NoSuchDistribution", "The specified distribution does not exist.")
    row: Row = aws.rows["distributions"][id]
    return row


def is_deployed(row: Row) -> bool:
    return set(row["at"].values()) == {row["etag"]}


def _shown(row: Row, running: int) -> Row:
    return {
        "Id": row["id"],
        "ARN": row["arn"],
        "Status": "Deployed" if is_deployed(row) else "InProgress",
        "LastModifiedTime": row["modified"],
        "InProgressInvalidationBatches": running,
        "DomainName": row["domain"],
        "ActiveTrustedSigners": {"Enabled": False, "Quantity": 0},
        "ActiveTrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "DistributionConfig": row["config"],
        "AliasICPRecordals": [{"CNAME": name, "ICPRecordalStatus": "APPROVED"} for name in row["config"]["Aliases"].get("Items", [])],
    }


def _running(aws: Aws, id: str) -> int:
    return sum(one["distribution"] == id and one["status"] == "InProgress" for one in aws.rows["invalidations"].values())


async def _create(aws: Aws, given: Row) -> Told:
    with_tags = given.get("DistributionConfigWithTags")
    config = with_tags["DistributionConfig"] if with_tags else given["DistributionConfig"]
    for other in aws.rows["distributions"].values():
        if other["config"]["CallerReference"] == config["CallerReference"]:
            raise refused("DistributionAlreadyExists", "The caller reference that you are using is associated with another distribution.")
    await check(aws, config, None)
    tags = {tag["Key"]: tag.get("Value", "") for tag in (with_tags or {}).get("Tags", {}).get("Items", [])}
    row = row_of({"Aliases": {"Quantity": 0}, **config}, now_ms(), tags=tags)
    row["at"] = dict.fromkeys(EDGE, "")
    aws.rows["distributions"][row["id"]] = row
    _deploy(aws, row)
    location = f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{row['id']}"
    return 201, {"Distribution": _shown(row, 0), "ETag": row["etag"], "Location": location}


async def _get(aws: Aws, given: Row) -> Told:
    row = find(aws, given["Id"])
    return 200, {"Distribution": _shown(row, _running(aws, row["id"])), "ETag": row["etag"]}


async def _get_config(aws: Aws, given: Row) -> Told:
    row = find(aws, given["Id"])
    return 200, {"DistributionConfig": row["config"], "ETag": row["etag"]}


async def _update(aws: Aws, given: Row) -> Told:
    row = find(aws, given["Id"])
    _same_etag(row, given.get("IfMatch"))
    await check(aws, given["DistributionConfig"], row)
    _same_etag(row, given.get("IfMatch"))  # the checks have waited for others
    set_config(aws, row, given["DistributionConfig"])
    return 200, {"Distribution": _shown(row, _running(aws, row["id"])), "ETag": row["etag"]}


def _same_etag(row: Row, etag: str | None) -> None:
    if not etag:
        raise refused("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    if etag != row["etag"]:
        words = "The request failed because it didn't meet the preconditions in one or more request-header fields."
        raise refused("PreconditionFailed", words)


def set_config(aws: Aws, row: Row, config: Row, at: int = 0) -> None:
    """From now on this is its configuration, and the points of presence get it."""
    row.update(config=config, etag=new_id(), modified=at or now_ms())
    _deploy(aws, row)


def _deploy(aws: Aws, row: Row) -> None:
    row["configs"] = {etag: config for etag, config in row["configs"].items() if etag in row["at"].values()} | {row["etag"]: row["config"]}
    config_history.record(aws, row, row["modified"])
    aws.state.forget_steps(distribution=row["id"], what="deploy")
    seconds = aws.state.latency("aws.deploy")
    for number, pop in enumerate(EDGE, 1):
        aws.state.later(seconds * number / len(EDGE), "aws.reach", pop, distribution=row["id"], etag=row["etag"], what="deploy")


def _reach(aws: Aws, pop: str, distribution: str, etag: str, what: str) -> None:
    row = aws.rows["distributions"].get(distribution)
    if row:
        row["at"][pop] = etag


async def _delete(aws: Aws, given: Row) -> Told:
    row = find(aws, given["Id"])
    _same_etag(row, given.get("IfMatch"))
    if row["config"]["Enabled"] or not is_deployed(row):
        raise refused("DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.")
    del aws.rows["distributions"][row["id"]]
    config_history.record_deletion(aws, row)
    return 204, {}


async def _list(aws: Aws, given: Row) -> Told:
    rows = list(aws.rows["distributions"].values())
    found = {
        "Marker": "",
        "MaxItems": 100,
        "IsTruncated": False,
        "Quantity": len(rows),
        "Items": [{**row["config"], **_shown(row, 0), "Staging": row["config"].get("Staging", False)} for row in rows],
    }
    return 200, {"DistributionList": found}


async def _tags(aws: Aws, given: Row) -> Told:
    row = find(aws, given["Resource"].rpartition("/")[2])
    return 200, {"Tags": {"Items": [{"Key": key, "Value": value} for key, value in row["tags"].items()]}}


async def _tag(aws: Aws, given: Row) -> Told:
    row = find(aws, given["Resource"].rpartition("/")[2])
    row["tags"].update({tag["Key"]: tag.get("Value", "") for tag in given["Tags"].get("Items", [])})
    return 204, {}


async def _untag(aws: Aws, given: Row) -> Told:
    row = find(aws, given["Resource"].rpartition("/")[2])
    for key in given["TagKeys"].get("Items", []):
        row["tags"].pop(key, None)
    return 204, {}


OPERATIONS = {
    "CreateDistribution": _create,
    "CreateDistributionWithTags": _create,
    "GetDistribution": _get,
    "GetDistributionConfig": _get_config,
    "UpdateDistribution": _update,
    "DeleteDistribution": _delete,
    "ListDistributions": _list,
    "ListTagsForResource": _tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}
STEPS = {"reach": _reach}
