# SPDX-License-Identifier: GPL-3.0-or-later
"""Which configuration a distribution had at a moment, as far as somebody wrote it down: CloudFront itself keeps no history."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import captures, recorded
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Config, Distribution, Seen
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.points import history

ARGUMENTS: dict[str, Any] = {
    "captures": {"type": "path"},
    "aws_config": {"type": "bool", "default": False},
}
EXCLUSIVE = ("captures", "aws_config")


@dataclass(frozen=True)
class Past:
    """A configuration the distribution had, certainly from C(since) until C(until)."""

    config: Config
    since: datetime
    until: datetime
    source: str
    """Who wrote it down, in words."""
    functions: dict[str, str] = field(default_factory=dict)
    """By ARN, the artifacts of the function versions in it."""
    doubt: str = ""


def written_down(options: Options, run: Run, distribution: Distribution, seen: Seen) -> Iterator[Past]:
    """The newest first: what it has now, and then what captures or AWS Config hold, as the options say."""
    yield Past(seen.config, seen.modified, seen.at, "what it has now")
    if options["captures"]:
        for capture in captures.newest_first(options["captures"], distribution.id, run):
            source = f"captured at {moment.iso(capture.captured_at)}"
            yield Past(capture.config, capture.modified, capture.captured_at, source, capture.functions)
    elif options["aws_config"]:
        until = seen.modified
        for record in recorded.newest_first(distribution, seen):
            source = f"AWS Config's record of {moment.iso(record.since)}"
            doubt = "" if record.proved else f"{source} could not be proved: AWS Config has not recorded what is live"
            yield Past(record.config, record.since, max(record.since, until), source, doubt=doubt)
            until = record.since


def recovery_points(run: Run, distribution: Distribution) -> Iterator[Past]:
    """The newest first, from the incident store: what there is where nobody else wrote it down."""
    for point, path in history.configurations(run, distribution.id):
        capture = captures.read(path, run)
        yield Past(capture.config, capture.modified, capture.captured_at, f"captured in recovery point {point}", capture.functions)


def at(pasts: Iterable[Past], when: datetime) -> Past:
    """The last one known to have begun by then; NotRestorable when none goes back so far."""
    oldest: Past | None = None
    for past in pasts:
        if past.since <= when:
            return past
        oldest = past
    since = f": the oldest is from {moment.iso(oldest.since)}" if oldest else ""
    raise errors.NotRestorable(
        f"nobody wrote down which configuration it had at {moment.iso(when)}{since}",
        "Name a capture with recovery_point, or another source: captures or aws_config; playbooks/capture.yml captures.",
    )
