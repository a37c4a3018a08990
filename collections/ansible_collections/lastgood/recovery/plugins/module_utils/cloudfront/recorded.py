# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS Config recorded of a distribution, where it was on, read back from its own writing or refused: nothing is guessed."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.access import HOME, at_home
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.comparison import differences
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Config, Distribution, Seen

KIND = "AWS::CloudFront::Distribution"
WINDOW = timedelta(days=7)
"""The most that one call tells."""
WINDOWS = 60
_CAPTURE = "Use captures, or name one with recovery_point."


@dataclass(frozen=True)
class Record:
    """A configuration, and when the distribution got it."""

    config: Config
    since: datetime
    proved: bool
    """Whether AWS Config writes the live configuration as CloudFront does."""


def newest_first(distribution: Distribution, seen: Seen) -> Iterator[Record]:
    """What was recorded. When the newest is the live one, it has to read like it: that proves that the writing is understood."""
    api = at_home("config", distribution.options, distribution.run, distribution.api)
    shape = distribution.api.reading.meta.service_model.shape_for("DistributionConfig")
    later, known, proved = seen.at + timedelta(minutes=1), set(), False
    for _window in range(WINDOWS):
        rows = _recorded(api, distribution.id, later)
        for row in sorted(rows, key=lambda row: row["configurationItemCaptureTime"], reverse=True):
            if row["configurationStateId"] in known or row["configurationItemStatus"] not in ("OK", "ResourceDiscovered"):
                continue
            known.add(row["configurationStateId"])
            config, since = _record(row, shape)
            if since in (seen.modified, seen.modified.replace(microsecond=0)):
                _prove(config, seen, distribution.key)
                proved = True
            else:
                yield Record(config, since, proved)
        later -= WINDOW


def _recorded(api: Aws, id: str, later: datetime) -> list[dict[str, Any]]:
    try:
        asked = {"resourceType": KIND, "resourceId": id, "laterTime": later, "earlierTime": later - WINDOW}
        return list(api.pages("GetResourceConfigHistory", "configurationItems", **asked))
    except errors.BadRequest as error:
        if "NotDiscovered" not in error.message and "Recorder" not in error.message:
            raise
        raise errors.NotRestorable(f"AWS Config does not record {id} in {HOME}", _CAPTURE) from None


def _record(row: dict[str, Any], shape: Any) -> tuple[Config, datetime]:
    held = {name.casefold(): value for name, value in json.loads(row["configuration"]).items()}
    config: Config = converted(held["distributionconfig"], shape)
    modified = held.get("lastmodifiedtime")
    return config, _time(modified) if modified else row["configurationItemCaptureTime"].astimezone(UTC)


def converted(value: Any, shape: Any, path: str = "DistributionConfig") -> Any:
    """AWS Config's writing (C(httpport), C(acmcertificateArn)) in the API's words; NotRestorable for what has none."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return _structure(value, shape, path)
    if shape.type_name == "list" and isinstance(value, list):
        return [converted(one, shape.member, path) for one in value]
    if shape.type_name in ("integer", "long") and isinstance(value, int | str) and str(value).lstrip("-").isdecimal():
        return int(value)
    if shape.type_name == "boolean" and str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    if shape.type_name == "string" and isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise errors.NotRestorable(f"AWS Config holds {path} in a form that has no equal in CloudFront's API", _CAPTURE)


def _structure(value: dict[str, Any], shape: Any, path: str) -> dict[str, Any]:
    members = {name.casefold(): name for name in shape.members}
    found = {}
    for name, inside in value.items():
        if inside is None:
            continue
        if name.casefold() not in members:
            raise errors.NotRestorable(f"AWS Config holds {path}.{name}, which CloudFront's API does not know", _CAPTURE)
        member = members[name.casefold()]
        found[member] = converted(inside, shape.members[member], f"{path}.{member}")
    if "Quantity" in shape.members:
        found.setdefault("Quantity", len(found.get("Items", [])))
        if found["Quantity"] != len(found.get("Items", [])):
            raise errors.NotRestorable(f"AWS Config holds {path} incompletely", _CAPTURE)
    missing = [name for name in shape.required_members if name not in found]
    if missing:
        raise errors.NotRestorable(f"AWS Config does not hold {path}.{missing[0]}", _CAPTURE)
    return found


def _prove(config: Config, seen: Seen, key: bytes) -> None:
    differs = differences(seen.config, config, key)["before"]
    if differs:
        raise errors.NotRestorable(
            f"AWS Config writes the configuration that is live now otherwise than CloudFront does: {', '.join(sorted(differs)[:5])}",
            _CAPTURE,
        )


def _time(value: Any) -> datetime:
    """Milliseconds, seconds or ISO 8601."""
    if isinstance(value, int | float):
        return moment.from_epoch_ms(value if value > 1e11 else value * 1000)
    return moment.parse(value)
