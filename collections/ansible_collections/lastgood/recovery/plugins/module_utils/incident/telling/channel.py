# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of an incident, and what every channel that tells it has to offer."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Message:
    """What one stage of an incident says, in the forms that channels need."""

    stage: str
    """started, progress, restored, not_restored, partial, unverified, committed, undone or watch."""
    incident: str
    """The incident's id; with stage and number the key under which a channel tells it once."""
    number: int
    """1, 2, … of that stage."""
    severity: str
    environment: str
    title: str
    """One line."""
    text: str
    """Plain text, a few lines."""
    public: str
    """What customers may read (status page, banner, mail to users); nothing internal."""
    status: str
    """investigating, identified, monitoring or resolved."""
    components: tuple[str, ...]
    """What is affected, as the inventory names it."""
    started_at: str
    """ISO 8601 UTC."""
    facts: tuple[tuple[str, str], ...]
    """Labels and values."""
    test: bool
    """A drill."""


@dataclass(frozen=True)
class Told:
    """That a channel told it."""

    memory: Mapping[str, Any]
    """What the channel wants to be given at the next message of this incident, such as where its thread is; kept in told.json."""
    link: str = ""


class Channel(Protocol):
    """One place where an incident is told."""

    name: str
    """The inventory's name for it."""
    recognises: bool
    """Whether it looks for what it may have told already. Else what may have been told is not told again."""

    def tell(self, message: Message, memory: Mapping[str, Any]) -> Told:
        """Tell it once, however often it is asked to; C(memory) is what this channel's earlier Told of this incident remembered."""


class NotTold(Exception):
    """It could not be told now; C(again) says whether trying later can help.

    C(memory) is what to give the channel at the next message in place of what it remembered, where part of it was told.
    """

    def __init__(self, message: str, again: bool = True, memory: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.again = again
        self.memory = memory
