# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary every vendor is translated into."""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils import moment


@dataclass(frozen=True)
class Release:
    """Something a target can serve. Two releases with the same artifact run the same thing, whatever their ids."""

    id: str
    artifact: str
    """What actually runs: a commit, an image digest; the id where the vendor tells nothing better."""
    created_at: datetime
    live_from: datetime | None
    """When it first served production; None if it never did."""
    good: bool
    """Built, served production at some time, and can serve it again as far as the vendor tells."""
    taken_out_at: datetime | None = None
    """When the vendor's own record says that a rollback took it out of service."""
    title: str = ""
    state: str = ""
    """The vendor's own word for its state."""

    def as_dict(self) -> dict[str, Any]:
        """Times in ISO 8601 (UTC), fit for a module's result and the journal."""
        return {
            "id": self.id,
            "artifact": self.artifact,
            "created_at": moment.iso(self.created_at),
            "live_from": moment.iso(self.live_from) if self.live_from else None,
            "good": self.good,
            "taken_out_at": moment.iso(self.taken_out_at) if self.taken_out_at else None,
            "title": self.title,
            "state": self.state,
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Release:
        """The inverse of C(as_dict)."""
        return cls(
            id=fields["id"],
            artifact=fields["artifact"],
            created_at=moment.parse(fields["created_at"]),
            live_from=moment.parse(fields["live_from"]) if fields.get("live_from") else None,
            good=fields["good"],
            taken_out_at=moment.parse(fields["taken_out_at"]) if fields.get("taken_out_at") else None,
            title=fields.get("title", ""),
            state=fields.get("state", ""),
        )

    def __str__(self) -> str:
        """The commit as people abbreviate it, or the vendor's id where there is none."""
        return next((commit[:7] for commit in (self.artifact, self.id) if is_commit(commit)), self.id)


def is_commit(artifact: str) -> bool:
    """Whether it is the hash of a Git commit."""
    return re.fullmatch(r"[0-9a-f]{40}", artifact) is not None


class Provider(Protocol):
    """One target at one vendor. Every method raises the errors of C(errors.py) and nothing else."""

    name: str
    """The vendor's name, as people write it."""
    pins: bool
    """Whether activating an older release keeps later pushes away without being asked."""
    holds: bool
    """Whether later pushes can be kept away through the vendor's API at all."""
    comes_back: tuple[str, ...]
    """What returns together with the release, in words."""
    stays: tuple[str, ...]
    """What a rollback leaves as it is, in words."""

    def clock_ahead(self) -> float:
        """Seconds that the vendor's clock is ahead of this machine's; zero where its answers do not tell."""
        api = getattr(self, "api", None)
        return api.clock_ahead if api else 0.0

    def retention(self) -> dict[str, Any] | None:
        """How long what was live is kept: C(days), counted C(from) C(removal) or from when it was made, of which the newest C(at_least) are
        kept anyway; C(releases), so many; C(sure) unless that is the least of any price plan. None where the vendor does not say.
        """
        return None

    def releases(self) -> list[Release]:
        """Releases made for production, in any order, failed ones included."""

    def current(self) -> Release | None:
        """What production serves now; None when nothing is."""

    def ready_for(self, release: Release) -> None:
        """Refused when the target cannot go back to it as things are; asked in check mode, too, before anything is changed."""
        return

    def underway(self, release: Release) -> Release | None:
        """The activation of this artifact that the vendor is working on already, if there is one."""

    def activate(self, release: Release) -> Release:
        """Ask for it; returns, once the vendor said yes, the release to wait for (a new one where the vendor rolls forward)."""

    def settled(self, release: Release) -> bool:
        """Whether production serves it now; ActivationFailed when it never will."""

    def held(self) -> bool:
        """Whether the next push is kept away from production."""

    def hold(self) -> None:
        """Keep later pushes away from production."""

    def trigger(self) -> str:
        """What makes a push go live, in the vendor's word; empty where the vendor knows only whether it does."""
        return ""

    def release_hold(self, trigger: str = "") -> None:
        """Let later pushes go live again, by that C(trigger) where it is known."""
