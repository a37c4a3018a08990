# SPDX-License-Identifier: GPL-3.0-or-later
"""One distribution: looked at and changed as a whole, since CloudFront replaces a configuration and never merges it."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.access import at_home
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.overlooked import overlooked
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

Config = dict[str, Any]
"""A DistributionConfig as botocore reads it."""
DEPLOYED = "Deployed"
WAITING = "waiting until every edge has the configuration"


@dataclass(frozen=True)
class Seen:
    """A distribution at one moment."""

    etag: str
    config: Config
    status: str
    modified: datetime
    """When its configuration was changed last."""
    at: datetime
    """When it was looked at, by CloudFront's clock."""
    overlooked: tuple[str, ...] = ()
    """What CloudFront told and botocore does not know."""

    @property
    def deployed(self) -> bool:
        """Whether every edge has it."""
        return self.status == DEPLOYED


class Distribution:
    """An update carries the ETag that was read with the configuration, so that nobody's change is lost."""

    name = "CloudFront"

    def __init__(self, options: Options, run: Run) -> None:
        self.id, self.options, self.run = options["distribution"], options, run
        self.api = at_home("cloudfront", options, run)
        self._ahead = 0.0

    @property
    def clock_ahead(self) -> float:
        """Seconds that CloudFront's clock was ahead of this machine's at the last look."""
        return self._ahead

    @property
    def key(self) -> bytes:
        """Makes fingerprints that only holders of the same AWS credentials can compare."""
        credentials = self.api.session.get_credentials()
        return credentials.get_frozen_credentials().secret_key.encode() if credentials else b""

    def look(self) -> Seen:
        """The distribution as it is now."""
        told: list[bytes] = []
        events = self.api.reading.meta.events

        def heard(response_dict: dict[str, Any], **_more: Any) -> None:
            told.append(response_dict["body"])

        events.register("before-parse.cloudfront.GetDistribution", heard)
        try:
            answer = self.api.get("GetDistribution", Id=self.id)
        except errors.NotFound as error:
            raise errors.NotFound(error.message, "Check distribution, an id such as E2QWRUHAPOMQZL, and the account.") from None
        finally:
            events.unregister("before-parse.cloudfront.GetDistribution", heard)
        return self._seen(answer, told[-1] if told else b"")

    def update(self, config: Config, seen: Seen) -> Seen:
        """Replace the configuration; Conflict when it is no longer the one that was seen."""
        if seen.overlooked:
            raise errors.Refused(
                f"botocore does not know {', '.join(seen.overlooked)} of this distribution, and would take it away",
                "Upgrade boto3 and botocore for the interpreter that runs this module.",
            )
        answer = self.api.send("UpdateDistribution", Id=self.id, DistributionConfig=config, IfMatch=seen.etag)
        return self._seen(answer, b"")

    def until_deployed(self, tick: Callable[[], None], seen: Seen | None = None) -> Seen:
        """What it is once every edge has it."""
        seen = seen or self.look()
        while not seen.deployed:
            tick()
            seen = self.look()
        return seen

    def _seen(self, answer: dict[str, Any], body: bytes) -> Seen:
        row = answer["Distribution"]
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        now = datetime.now(UTC)
        at = parsedate_to_datetime(date).astimezone(UTC) if date else now
        self._ahead = (at - now).total_seconds()
        config = row["DistributionConfig"]
        if not answer["ETag"] or not config["CallerReference"]:
            raise ValueError("an answer without these would be read as a configuration to go on with")
        shape = self.api.reading.meta.service_model.shape_for("DistributionConfig")
        return Seen(answer["ETag"], config, row["Status"], row["LastModifiedTime"].astimezone(UTC), at, overlooked(body, shape))
