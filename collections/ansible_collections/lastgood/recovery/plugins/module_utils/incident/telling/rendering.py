# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of one stage, one for each audience."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.words import IS_TEST, TEST
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.configured import Configured, Place
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.values import Known, facts, values
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.wording import INTERNAL, Wording
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import verify


@dataclass(frozen=True)
class Rendered:
    """One stage, in everybody's words."""

    stage: str
    number: int
    known: Known
    wording: Wording
    values: Mapping[str, str]
    head: str
    test: bool

    def has(self, place: Place) -> bool:
        """Whether its audience is told anything at this stage."""
        return self.wording.words(place.audience, self.stage) is not None

    def title(self, place: Place) -> str:
        return self._words(place.audience)[0]

    def message(self, place: Place) -> Message:
        """For one channel. Customers get nothing but public words in any field, so that no channel can publish others."""
        title, text = self._words(place.audience)
        internal = place.audience in ("team", "stakeholders")
        fields = self.known.fields
        return Message(
            stage=self.stage,
            incident=self.values["incident"],
            number=self.number,
            severity=self.values["severity"],
            environment=str(fields["environment"]),
            title=title,
            text=text,
            public=self._words("status_page")[1] if internal else text,
            status=self.wording.statuses[self.stage],
            components=self.known.components,
            started_at=moment.iso(self.known.started),
            facts=facts(self.known, self.values, self.head) if place.audience == "team" else (),
            test=self.test,
        )

    def _words(self, audience: str) -> tuple[str, str]:
        words = self.wording.words(audience, self.stage)
        if words is None:
            return "", ""
        title, text = words.filled(self.values)
        return (f"{TEST}{title}", f"{IS_TEST}\n{text}") if self.test else (title, text)


def render(known: Known, setup: Configured, stage: str, number: int, test: bool) -> Rendered:
    """What would be told now."""
    found = values(known)
    return Rendered(stage, number, known, setup.words.where(known.way), {name: found[name] for name in INTERNAL}, _head(known), test)


def known_of(fields: Mapping[str, Any], incident: Incident | None, setup: Configured, note: str = "") -> Known:
    """What is known of an incident; in check mode it is on no disk, and its plan is among its facts."""
    if incident is None:
        plan = fields.get("plan") or {}
        rows = [*plan.get("targets", []), *plan.get("measures", [])]
        return Known(fields, [], rows, datetime.now(UTC), plan.get("expected") or {}, setup.said, _way(plan))
    events = incident.journal.events()
    expected: Mapping[str, Any] = next((event["expected"] for event in events if event["event"] == "plan" and event.get("expected")), {})
    path = incident.journal.path
    found = verify(path.read_bytes() if path.exists() else b"", incident.directory.name)
    head = f"{found.head[:16]} ({found.lines} lines)" if found.lines else ""
    rows = [*incident.planned(), *incident.measures()]
    said = {**setup.said, "head": head, "note": note}
    return Known(incident.fields, events, rows, datetime.now(UTC), expected, said, _way(incident.plan()))


def _way(plan: Mapping[str, Any] | None) -> str:
    return str(((plan or {}).get("way") or {}).get("name", ""))


def _head(known: Known) -> str:
    return str(known.said.get("head", ""))
