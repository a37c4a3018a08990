"""A vendor that remembers what it served at every moment: the oracle for choosing a release by time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

START = datetime(2026, 11, 22, tzinfo=UTC)
Kind = Literal["deploy", "fail", "redeploy", "roll back", "roll back by hand", "expire"]
Event = tuple[Kind, int]
"""What happens, and which of the artifacts or releases there are it happens to, counted round."""


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


@dataclass
class Vendor:
    """Events happen at minutes 1, 2, 3 ... A rollback moves a pointer, or appends a release with the old artifact."""

    rolls_forward: bool
    releases: list[Release] = field(default_factory=list)
    served: list[str | None] = field(default_factory=lambda: [None])
    """The artifact that production served from each minute on."""
    condemned: dict[str, datetime] = field(default_factory=dict)
    condemned_again: bool = False
    """Whether an artifact was taken out of service, deployed again, and taken out once more."""

    @property
    def now(self) -> datetime:
        return minute(len(self.served))

    def happen(self, event: Event) -> None:
        kind, which = event
        serving = self.served[-1]
        lived = list(dict.fromkeys(r.artifact for r in self.releases if r.live_from))
        if kind == "deploy":
            serving = self._ship(f"artifact-{len(self.releases)}")
        elif kind == "redeploy" and lived:
            serving = self._ship(lived[which % len(lived)])
        elif kind == "fail":
            self.releases.append(Release(self._id(), f"broken-{which}", self.now, None, False, state="ERROR"))
        elif kind == "expire" and self.releases:
            index = which % len(self.releases)
            self.releases[index] = replace(self.releases[index], good=False, state="DELETED")
        elif kind in ("roll back", "roll back by hand"):
            options = [a for a in lived if a != serving and not self.ruled_out(a)]
            if options:
                self.roll_back_to(options[which % len(options)], by_hand=kind == "roll back by hand")
                return
        self.served.append(serving)

    def roll_back_to(self, artifact: str, by_hand: bool = False) -> None:
        """What went live after the artifact last did is out of service from now on.

        A rollback of ours condemns it. One that somebody made by hand is only known where the vendor remembers it.
        """
        last_live = {r.artifact: r.live_from for r in self.releases if r.live_from}
        since = last_live[artifact]
        for index, release in enumerate(self.releases):
            if not release.live_from or release.live_from <= since or release.artifact == artifact:
                continue
            if by_hand:
                if not self.rolls_forward and not release.taken_out_at:
                    self.releases[index] = replace(release, taken_out_at=self.now)
            elif self.condemned.get(release.artifact, START) < release.live_from:
                self.condemned_again |= release.artifact in self.condemned
                self.condemned[release.artifact] = self.now
        if self.rolls_forward:
            self._ship(artifact)
        self.served.append(artifact)

    def truth(self, at: datetime) -> str | None:
        return self.served[min(int((at - START) / timedelta(minutes=1)), len(self.served) - 1)]

    def ruled_out(self, artifact: str) -> bool:
        """Whether any rollback that is remembered took it out of service."""
        return artifact in self.condemned or any(r.taken_out_at for r in self.releases if r.artifact == artifact)

    def _ship(self, artifact: str) -> str:
        self.releases.append(Release(self._id(), artifact, self.now - timedelta(seconds=30), self.now, True, state="READY"))
        return artifact

    def _id(self) -> str:
        return f"rel-{len(self.releases):03}"
