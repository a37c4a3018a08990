# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP answer, received whole within its time."""
from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import requests
else:
    requests = library("requests")

PART = 64 * 1024
"""Bytes read at once at most."""


@dataclass(frozen=True)
class Answer:
    """What a vendor answered, all of it received."""

    status_code: int
    reason: str
    headers: Any
    """By name, in whatever case."""
    content: bytes

    def json(self) -> Any:
        """The body; raises ValueError when it is no JSON."""
        return json.loads(self.content)

    @property
    def date(self) -> datetime | None:
        """What the vendor's clock showed; None when it does not say."""
        return _date(self.headers.get("Date"))

    @property
    def retry_after(self) -> float | None:
        """Seconds, from the header of that name in either of its forms; None when it does not say."""
        value = self.headers.get("Retry-After")
        try:
            return float(value)
        except (TypeError, ValueError):
            date = _date(value)
            return date.timestamp() - time.time() if date else None


def receive(response: Any, until: float) -> Answer:
    """The whole of it; requests.Timeout when it is not there by then (C(time.monotonic)), however steadily it drips."""
    read = getattr(response.raw, "read1", response.raw.read)  # urllib3 1 has only read, which waits for all of a part
    parts = []
    with response:
        while part := read(PART, decode_content=True):
            parts.append(part)
            if time.monotonic() > until:
                raise requests.Timeout
    return Answer(response.status_code, response.reason, response.headers, b"".join(parts))


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
