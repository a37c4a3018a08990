# SPDX-License-Identifier: GPL-3.0-or-later
"""One address, asked again and again until it shows what it should several times in a row."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.edge.addresses import Address, session_to
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke import expectation
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.answer import Answer, NoAnswer, ask
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.expectation import Mismatch
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction

EXCERPT = 120
"""Characters of anything that an edge said."""


@dataclass
class Probe:
    """One question to one address. C(wrong) is what was wrong with the newest answer; C(silent): none came."""

    question: Mapping[str, Any]
    """{name, url, headers, timeout, expect}"""
    address: Address
    pop_header: str
    invalidated_at: datetime | None
    redaction: Redaction
    in_a_row: int = 0
    asked: int = 0
    wrong: Mismatch | None = None
    silent: bool = False
    seen: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def look(self) -> None:
        began = time.monotonic()
        request = {**self.question, "method": "GET", "body": None, "form": None, "follow": False}
        self.asked += 1
        try:
            with session_to(self.address) as session:
                answer = ask(session, request)
        except NoAnswer as none:
            self.wrong, self.silent = Mismatch("an answer", str(none)), not none.begun
        else:
            self.wrong, self.silent = self._judged(answer), False
            self.seen = {
                "point_of_presence": answer.headers.get(self.pop_header),
                "status": answer.status,
                "age": _age(answer),
                "x_cache": answer.headers.get("x-cache"),
                "id": answer.headers.get("x-amz-cf-id"),
            }
        self.in_a_row = 0 if self.wrong else self.in_a_row + 1
        self.seconds = time.monotonic() - began

    def _judged(self, answer: Answer) -> Mismatch | None:
        """What is cached is no older than the invalidation: it was put there after the edge had forgotten what there was before."""
        wrong = expectation.mismatch(self.question["expect"], answer)
        if wrong:
            return Mismatch(self._shown(wrong.expected), self._shown(wrong.got))
        age = _age(answer)
        if self.invalidated_at is None or age is None:
            return None
        since = (datetime.now(UTC) - self.invalidated_at).total_seconds()
        return Mismatch(f"an age below the {span(since)} since the invalidation", f"{span(age)}") if age > since else None

    def _shown(self, text: str) -> str:
        """On one line, cut only after the secrets are out."""
        line = " ".join(self.redaction.hide(text).split())
        return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"

    @property
    def verdict(self) -> str:
        return "UNKNOWN" if self.silent or not self.asked else "BAD" if self.wrong else "OK"

    @property
    def where(self) -> str:
        """The address, and the point of presence as far as it tells."""
        return f"{self.address} ({self.seen['point_of_presence']})" if self.seen.get("point_of_presence") else str(self.address)

    def as_dict(self) -> dict[str, Any]:
        told = {"point_of_presence": None, "status": None, "age": None, "x_cache": None, "id": None} | self.seen
        wrong = {"expected": self.wrong.expected, "got": self.wrong.got} if self.wrong else {"expected": None, "got": None}
        return {
            "name": self.question["name"],
            "address": str(self.address),
            "verdict": self.verdict,
            "in_a_row": self.in_a_row,
            "asked": self.asked,
            **told,
            **wrong,
        }


def _age(answer: Answer) -> int | None:
    """Seconds in the cache; None of what was not in one."""
    written = answer.headers.get("age", "").strip()
    return int(written) if written.isdecimal() else None
