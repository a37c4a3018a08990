# SPDX-License-Identifier: GPL-3.0-or-later
"""The moment that objects are taken back to. S3 dates versions in whole seconds, so that a moment is a second, within or without."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options


def until(options: Options, now: datetime | None = None) -> datetime:
    """Versions count that are dated before this: C(good_at) is within its second, C(bad_at) is without it."""
    now = now or datetime.now(UTC)
    at = moment.parse(options["good_at"] or options["bad_at"], now)
    if at > now:
        raise Refused(f"{moment.iso(at)} is still to come", "Give a moment that has passed; times are in UTC.")
    second = at.replace(microsecond=0)
    return second + timedelta(seconds=1) if options["good_at"] else second
