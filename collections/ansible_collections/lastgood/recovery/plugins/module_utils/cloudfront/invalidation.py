# SPDX-License-Identifier: GPL-3.0-or-later
"""What edges have cached is forgotten: after they all have the configuration, or they would cache the old one's answers again."""
from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import WAITING, Distribution, Seen
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

ARGUMENTS: dict[str, Any] = {
    "paths": {"type": "list", "elements": "str", "required": True},
    "not_before": {"type": "str"},
    "timeout": {"type": "float", "default": 3600},
    "poll": {"type": "float", "default": 5},
}
MOST, MOST_WILDCARDS, LONGEST = 3000, 15, 4000
NEWEST = 100
"""How many invalidations are looked at: a distribution may have had thousands, and the newest come first."""
ATTEMPTS = 3
SECONDS = 2
"""What CloudFront tells of its clock is that exact."""
RUNNING = "InProgress"
_TOO_MANY = "TooManyInvalidationsInProgress"
_SAFE = "/*-._~!$&'()+,;=:@?%"


def operation(vendor: Reached) -> Operation:
    return Operation(
        arguments={**vendor.arguments_of("invalidation"), **ARGUMENTS},
        perform=lambda options, run: invalidate(vendor.connect("invalidation", options, run), options, run),
    )


class Invalidations:
    """Those of one distribution."""

    name = "CloudFront"

    def __init__(self, options: Options, run: Run) -> None:
        self.distribution = Distribution(options, run)

    def like(self, reference: str, paths: list[str], since: datetime | None) -> dict[str, Any] | None:
        """One of ours for the same configuration and the same paths: that is running, or that began after C(since)."""
        rows = self.distribution.api.get("ListInvalidations", DistributionId=self.distribution.id, MaxItems=str(NEWEST))
        for row in rows["InvalidationList"].get("Items") or []:
            if (row["Status"] != RUNNING and since is None) or (since and row["CreateTime"] < since):
                continue
            known = self.one(row["Id"])
            batch = known["InvalidationBatch"]
            if batch["CallerReference"].startswith(reference) and sorted(batch["Paths"].get("Items") or []) == sorted(paths):
                return known
        return None

    def one(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.distribution.api.get("GetInvalidation", DistributionId=self.distribution.id, Id=id)["Invalidation"]
        return found

    def create(self, reference: str, paths: list[str]) -> dict[str, Any]:
        """The same reference with the same paths is the same invalidation, however often it is asked for."""
        batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": reference}
        answer = self.distribution.api.send("CreateInvalidation", DistributionId=self.distribution.id, InvalidationBatch=batch)
        found: dict[str, Any] = answer["Invalidation"]
        return found


def invalidate(invalidations: Invalidations, options: Options, run: Run) -> Result:
    """Invalidate once every edge has the configuration, and wait until every edge has forgotten."""
    started = time.monotonic()
    paths = checked(options["paths"])
    distribution = invalidations.distribution
    seen = distribution.look()
    since = _on_its_clock(options["not_before"], distribution)
    if not run.check:
        seen = distribution.until_deployed(clock(WAITING, options["timeout"], options["poll"], run.tell), seen)
    reference = _reference(seen, paths)
    found = invalidations.like(reference, paths, since) if seen.deployed else None
    reused = found is not None
    if not run.check:
        tick = clock("waiting until every edge has forgotten", options["timeout"], options["poll"], run.tell)
        found = found or _create(invalidations, f"{reference}{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}", paths, tick)
        while found["Status"] == RUNNING:
            tick()
            found = invalidations.one(found["Id"])
    return {
        "changed": not reused,
        "distribution": distribution.id,
        "invalidation": found["Id"] if found else None,
        "created": moment.iso(found["CreateTime"]) if found else None,
        "paths": paths,
        "reused": reused,
        "waited": 0.0 if run.check else round(time.monotonic() - started, 1),
        "summary": f"{_words(paths)} of {distribution.id} {'would be' if run.check and not reused else 'are'} invalidated"
        + (" already, after the last change" if reused else ""),
    }


def _create(invalidations: Invalidations, reference: str, paths: list[str], tick: Callable[[], None]) -> dict[str, Any]:
    attempts = 0
    while True:
        try:
            return invalidations.create(reference, paths)
        except errors.Unanswered:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
        except errors.Conflict as error:
            if _TOO_MANY not in error.message:
                raise
        tick()


def checked(paths: list[str]) -> list[str]:
    """Each path once; Refused for what CloudFront would not take, or would take for something else."""
    paths = list(dict.fromkeys(paths))
    if not paths:
        raise errors.Refused("there is no path to invalidate", "Give paths; '/*' is everything, and counts as one.")
    for path in paths:
        if not path.startswith("/"):
            raise errors.Refused(f"the path {path!r} does not begin with a slash", f"Write {'/' + path!r}.")
        if "*" in path[:-1]:
            raise errors.Refused(f"the path {path!r} has an asterisk before its end", "It means something as the last sign only.")
        if len(path) > LONGEST:
            raise errors.Refused(f"a path has {len(path)} signs, and CloudFront takes {LONGEST}", "Use a wildcard.")
        encoded = quote(path, safe=_SAFE)
        if encoded != path or re.search(r"%(?![0-9A-Fa-f]{2})", path):
            wanted = quote(path, safe=_SAFE.rstrip("%"))
            raise errors.Refused(f"the path {path!r} has signs that must be encoded in a URL", f"Write {wanted!r}.")
    wild = sum(path.endswith("*") for path in paths)
    if wild > MOST_WILDCARDS or len(paths) - wild > MOST:
        raise errors.Refused(
            f"{len(paths) - wild} paths and {wild} with a wildcard are more than CloudFront takes at a time ({MOST} and {MOST_WILDCARDS})",
            "Use fewer and wider wildcards; '/*' is everything, and counts as one.",
        )
    return paths


def _reference(seen: Seen, paths: list[str]) -> str:
    digest = hashlib.sha256("\n".join(sorted(paths)).encode()).hexdigest()[:12]
    return f"lastgood-{seen.etag}-{digest}-"


def _on_its_clock(text: str | None, distribution: Distribution) -> datetime | None:
    """The moment in C(text), which this machine's clock showed, as CloudFront's showed it."""
    if not text:
        return None
    ahead = distribution.clock_ahead
    return moment.last_of(text) + timedelta(seconds=ahead if abs(ahead) > SECONDS else 0)


def _words(paths: list[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more paths" if len(paths) > 3 else "")
