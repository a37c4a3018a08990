"""Invalidations: every point of presence forgets in its own time; one that looks like an earlier one is that one."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING

from sandbox.addresses import EDGE
from sandbox.aws.cloudfront.distributions import Told, find
from sandbox.aws.cloudfront.refusals import refused
from sandbox.clock import now_ms
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.aws import Aws

_MOST_WILDCARDS, _MOST_PATHS = 15, 3000


def _shown(row: Row) -> Row:
    return {"Id": row["id"], "Status": row["status"], "CreateTime": row["created"], "InvalidationBatch": row["batch"]}


async def _create(aws: Aws, given: Row) -> Told:
    distribution, batch = find(aws, given["DistributionId"]), given["InvalidationBatch"]
    paths, location = batch["Paths"].get("Items", []), f"https://cloudfront.amazonaws.com/2020-05-31/distribution/{distribution['id']}"
    if batch["Paths"]["Quantity"] != len(paths):
        raise refused("InconsistentQuantities", "The value of Quantity and the size of Items do not match.")
    if not paths or not all(path.startswith("/") and "*" not in path[:-1] for path in paths):
        raise refused("InvalidArgument", "Your request contains one or more invalid invalidation paths.")
    mine = [one for one in aws.rows["invalidations"].values() if one["distribution"] == distribution["id"]]
    for other in mine:
        if other["batch"]["CallerReference"] == batch["CallerReference"]:
            if other["batch"] != batch:
                words = "Your request contains a caller reference that was used for a previous batch for the same distribution."
                raise refused("InvalidArgument", words)
            return 201, {"Invalidation": _shown(other), "Location": f"{location}/invalidation/{other['id']}"}
    running = [path for one in mine if one["status"] == "InProgress" for path in one["batch"]["Paths"]["Items"]] + paths
    if len(running) > _MOST_PATHS or sum(path.endswith("*") for path in running) > _MOST_WILDCARDS:
        raise refused("TooManyInvalidationsInProgress", "You have exceeded the maximum number of allowable InProgress requests.")
    row = start(aws, distribution["id"], batch)
    return 201, {"Invalidation": _shown(row), "Location": f"{location}/invalidation/{row['id']}"}


def start(aws: Aws, distribution: str, batch: Row) -> Row:
    """A new one, which every point of presence will hear of."""
    id = "I" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(25))
    row = {
        "id": id,
        "distribution": distribution,
        "status": "InProgress",
        "created": now_ms(),
        "batch": batch,
        "left": list(EDGE),
    }
    aws.rows["invalidations"][id] = row
    seconds = aws.state.latency("aws.invalidation")
    for number, pop in enumerate(EDGE, 1):
        aws.state.later(seconds * number / len(EDGE), "aws.purge", pop, invalidation=id)
    return row


def _purge(aws: Aws, pop: str, invalidation: str) -> None:
    row = aws.rows["invalidations"].get(invalidation)
    if row is None:
        return
    aws.purge(pop, row["distribution"], row["batch"]["Paths"]["Items"])
    row["left"] = [one for one in row["left"] if one != pop]
    if not row["left"]:
        row["status"] = "Completed"


async def _get(aws: Aws, given: Row) -> Told:
    find(aws, given["DistributionId"])
    row = aws.rows["invalidations"].get(given["Id"])
    if row is None or row["distribution"] != given["DistributionId"]:
        raise refused("NoSuchInvalidation", "The specified invalidation does not exist.")
    return 200, {"Invalidation": _shown(row)}


async def _list(aws: Aws, given: Row) -> Told:
    """Newest first, a page after the other."""
    find(aws, given["DistributionId"])
    rows = [one for one in aws.rows["invalidations"].values() if one["distribution"] == given["DistributionId"]]
    rows.sort(key=lambda one: -one["created"])
    ids, most = [one["id"] for one in rows], int(given.get("MaxItems") or 100)
    start = ids.index(given["Marker"]) + 1 if given.get("Marker") in ids else 0
    shown, more = rows[start : start + most], start + most < len(rows)
    items = [{"Id": one["id"], "CreateTime": one["created"], "Status": one["status"]} for one in shown]
    found = {"Marker": given.get("Marker", ""), "MaxItems": most, "IsTruncated": more, "Quantity": len(items), "Items": items}
    return 200, {"InvalidationList": {**found, **({"NextMarker": items[-1]["Id"]} if more else {})}}


OPERATIONS = {"CreateInvalidation": _create, "GetInvalidation": _get, "ListInvalidations": _list}
STEPS = {"purge": _purge}
