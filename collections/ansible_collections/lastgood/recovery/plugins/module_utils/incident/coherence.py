# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether targets fit together once some of them have gone back; the nearest moment, and the most targets, with which they do.

A consumer must not be newer than what it depends on: its release went live only after the provider's had been taken out of service.
A release must not be older than the schema can bear: a breaking migration was applied after it was taken out of service.
What served together once fits together; that is all that is known, and whatever is not known is said.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release


@dataclass(frozen=True)
class Migration:
    """One that the database has. C(breaking): an older release cannot live with it; None where nobody can tell."""

    name: str
    applied_at: datetime
    breaking: bool | None = None


@dataclass(frozen=True)
class Member:
    """A target that was read. C(schema) are the migrations of its database, which no rollback of the target takes back."""

    releases: Sequence[Release]
    serving: Release | None
    condemned: choice.Condemned = field(default_factory=dict)
    schema: Sequence[Migration] = ()

    def at(self, good_at: datetime) -> Release | None:
        """What it goes back to; None when it cannot."""
        try:
            return choice.good_at(self.releases, good_at, self.condemned).release
        except RecoveryError:
            return None

    def first_live(self, release: Release) -> datetime | None:
        """When what it runs was served first, as far as the vendor remembers."""
        lived = [one.live_from for one in self.releases if one.live_from and one.artifact == release.artifact]
        return min(lived, default=release.live_from)

    def last_out(self, release: Release) -> datetime | None:
        """When what it runs was taken out of service last; None while it serves, or when nobody remembers."""
        if self.serving and self.serving.artifact == release.artifact:
            return None
        lived = sorted((one.live_from, one.artifact) for one in self.releases if one.live_from)
        last = max((live for live, artifact in lived if artifact == release.artifact), default=None)
        after = [live for live, artifact in lived if last and live > last and artifact != release.artifact]
        return after[0] if after else release.taken_out_at


@dataclass(frozen=True)
class Misfit:
    """Why a set does not fit: C(drop) is the target that must not go back then. Not C(sure): it may fit, and nobody can tell."""

    drop: str
    says: str
    sure: bool = True


@dataclass(frozen=True)
class Stack:
    """What was read. C(depends_on): by consumer, its providers. C(databases): those that go back as a whole, and since when they lose."""

    members: Mapping[str, Member]
    depends_on: Mapping[str, Sequence[str]]
    databases: Mapping[str, Sequence[Migration]] = field(default_factory=dict)

    def misfits(self, good_at: datetime, going: Collection[str]) -> list[Misfit]:
        """Why C(going) cannot go back to that moment while all others stay; empty when it fits."""
        found = [misfit for name in sorted(self.members) for misfit in self._older_than_schema(name, good_at, going)]
        for consumer, providers in sorted(self.depends_on.items()):
            for provider in providers:
                found += self._newer_than(consumer, provider, good_at, going)
        return found

    def fits(self, good_at: datetime, states: Iterable[Collection[str]]) -> bool:
        """Whether every one of those states fits, and every target of theirs can go back to that moment at all."""
        kept = list(states)
        if any(name in self.members and self.members[name].at(good_at) is None for going in kept for name in going):
            return False
        return not any(misfit.sure for going in kept for misfit in self.misfits(good_at, going))

    def nearest(self, good_at: datetime, states: Iterable[Collection[str]]) -> datetime | None:
        """The newest moment not after C(good_at) at which every state fits; what is served changes only when something goes live."""
        kept = list(states)
        starts = {one.live_from for member in self.members.values() for one in member.releases if one.live_from}
        ends = sorted({good_at, *(start - timedelta(milliseconds=1) for start in starts if start <= good_at)}, reverse=True)
        return next((end for end in ends if self.fits(end, kept)), None)

    def most(self, good_at: datetime, states: Iterable[Collection[str]]) -> set[str]:
        """As many targets as can go back to that moment with every state fitting that is left of those given.

        What is in the way of one is only ever another that goes back, so there is one largest set.
        """
        kept = [set(going) for going in states]
        left: set[str] = set().union(*kept)
        while True:
            drop = {misfit.drop for going in kept for misfit in self.misfits(good_at, going & left) if misfit.sure}
            if not drop & left:
                return left
            left -= drop

    def _after(self, name: str, good_at: datetime, going: Collection[str]) -> Release | None:
        member = self.members[name]
        return member.at(good_at) if name in going else member.serving

    def _newer_than(self, consumer: str, provider: str, good_at: datetime, going: Collection[str]) -> list[Misfit]:
        if provider not in going:
            return []  # it stays, and an older consumer lived with what came before it
        if consumer not in self.members:
            return [Misfit(provider, f"{consumer} depends on {provider} and is not part of this run: whether it fits is not known", False)]
        newer = self._after(consumer, good_at, going)
        since = self.members[consumer].first_live(newer) if newer else None
        if newer is None or since is None:
            return []
        if provider in self.databases:
            if consumer in going:
                return []
            lost = [migration for migration in self.databases[provider] if good_at < migration.applied_at <= since]
            return [
                Misfit(provider, f"{consumer} would stay at {newer}, live since {moment.short(since)}, and {provider} would lose "
                                 f"{lost[-1].name}, which it had before that")
            ] if lost else []
        older = self._after(provider, good_at, going) if provider in self.members else None
        out = self.members[provider].last_out(older) if older else None
        if older is None or out is None or since < out:
            return []
        return [
            Misfit(provider, f"{consumer} would be newer than {provider}: its {newer} went live on {moment.short(since)}, after {older} of "
                             f"{provider} had been taken out of service on {moment.short(out)}")
        ]

    def _older_than_schema(self, name: str, good_at: datetime, going: Collection[str]) -> list[Misfit]:
        member = self.members[name]
        older = self._after(name, good_at, going)
        out = member.last_out(older) if older else None
        if older is None or out is None or name not in going or any(database in going for database in self._databases_of(name)):
            return []
        later = [migration for migration in member.schema if migration.applied_at >= out and migration.breaking is not False]
        breaking = [migration.name for migration in later if migration.breaking]
        if breaking:
            return [
                Misfit(name, f"{name} would be older than the schema can bear: {breaking[0]} breaks what ran before it, and {older} was "
                             f"taken out of service on {moment.short(out)}, before it was applied")
            ]
        if later:
            names = ", ".join(migration.name for migration in later[:3])
            return [Misfit(name, f"whether {older} of {name} can live with {names} is not known", False)]
        return []

    def _databases_of(self, name: str) -> list[str]:
        return [provider for provider in self.depends_on.get(name, ()) if provider in self.databases]


def migrations(reading: Mapping[str, Any], declared: Mapping[str, bool]) -> list[Migration]:
    """Those that the database has by M(lastgood.recovery.prisma_migration_info); C(declared) says of some whether they break."""
    return [
        Migration(row["name"], moment.parse(row["finished_at"]), declared.get(row["name"], row.get("breaking")))
        for row in reading.get("migrations") or []
        if row.get("finished_at") and not row.get("rolled_back_at")
    ]
