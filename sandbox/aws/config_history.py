"""AWS Config: what it recorded of the distribution, newest first, in its own lower-camel writing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.clock import DAY, now_ms
from sandbox.emulator import Refusal
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

KIND = "AWS::CloudFront::Distribution"
_PAGE = 10
_CAPITALS = re.compile("^[A-Z]+")
_JSON = {"Content-Type": "application/x-amz-json-1.1"}


def record(aws: Aws, distribution: Row, at: int) -> None:
    """Write down a distribution as it is now."""
    aws.rows["recorded"].append(item(distribution, at, len(aws.rows["recorded"])))


def record_deletion(aws: Aws, distribution: Row) -> None:
    at = now_ms()
    gone = item(distribution, at, len(aws.rows["recorded"])) | {"configurationItemStatus": "ResourceDeleted"}
    del gone["configuration"]
    aws.rows["recorded"].append(gone)


def item(distribution: Row, at: int, number: int) -> Row:
    seen = {
        "id": distribution["id"],
        "ARN": distribution["arn"],
        "status": "InProgress",
        "lastModifiedTime": at,
        "domainName": distribution["domain"],
        "distributionConfig": distribution["config"],
    }
    return {
        "version": "1.3",
        "accountId": distribution["arn"].split(":")[4],
        "configurationItemCaptureTime": at / 1000,
        "configurationItemStatus": "OK",
        "configurationStateId": str(at + number),
        "arn": distribution["arn"],
        "resourceType": KIND,
        "resourceId": distribution["id"],
        "awsRegion": "us-east-1",
        "availabilityZone": "Not Applicable",
        "tags": dict(distribution["tags"]),
        "relatedEvents": [],
        "relationships": [],
        "configuration": json.dumps(_lower(seen)),
        "supplementaryConfiguration": {},
    }


def _lower(value: Any) -> Any:
    """All capitals that a name begins with become small: `httpport`, `acmcertificateArn`, `webACLId`."""
    if isinstance(value, dict):
        return {_CAPITALS.sub(lambda found: found[0].lower(), name): _lower(inside) for name, inside in value.items()}
    return [_lower(one) for one in value] if isinstance(value, list) else value


def answer(aws: Aws, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Any:
    """The two calls that read the history; the rest of AWS Config is moto's."""
    call = headers.get("X-Amz-Target", "").rpartition(".")[2]
    if call not in ("GetResourceConfigHistory", "ListDiscoveredResources"):
        return None
    given = json.loads(body or b"{}")
    if given.get("resourceType") != KIND:
        return None
    if call == "ListDiscoveredResources":
        found = [{"resourceType": KIND, "resourceId": id} for id in sorted({row["resourceId"] for row in aws.rows["recorded"]})]
        return 200, _JSON, json.dumps({"resourceIdentifiers": found}).encode()
    return 200, _JSON, json.dumps(_history(aws, given)).encode()


def _history(aws: Aws, given: Row) -> Row:
    """At most seven days of it for one call."""
    now = now_ms() / 1000
    later = float(given.get("laterTime", now))
    earlier = float(given.get("earlierTime", later - 7 * DAY / 1000))
    if later < earlier:
        raise Refusal(400, "The later time is before the earlier time.", "InvalidTimeRangeException")
    rows = [row for row in aws.rows["recorded"] if row["resourceId"] == given.get("resourceId")]
    if not rows:
        raise Refusal(400, f"Resource {given.get('resourceId')} is not discovered.", "ResourceNotDiscoveredException")
    forward = given.get("chronologicalOrder") == "Forward"
    rows = [row for row in rows if max(earlier, later - 7 * DAY / 1000) <= row["configurationItemCaptureTime"] <= later]
    rows.sort(key=lambda row: row["configurationItemCaptureTime"], reverse=not forward)
    start, size = int(given.get("nextToken") or 0), int(given.get("limit") or _PAGE)
    more = {"nextToken": str(start + size)} if start + size < len(rows) else {}
    return {"configurationItems": rows[start : start + size], **more}
