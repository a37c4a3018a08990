# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration of a target: what a vendor has to offer for it, what changes, and how that is shown without showing it."""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

Values: TypeAlias = "dict[str, str | None]"
"""By name; None where there is a variable whose value the vendor does not show."""


class Variables(Protocol):
    """The configuration of one target at one vendor, as its next release would get it."""

    name: str
    """The vendor's name, as people write it."""
    key: bytes
    """Makes fingerprints that only holders of the same token can compare."""
    written_at: datetime | None = None
    """See C(wrote)."""

    def values(self) -> Values:
        """What production is configured with now."""

    def clock_ahead(self) -> float:
        """Seconds that the vendor's clock is ahead of this machine's; zero where its answers do not tell."""
        releases = getattr(self, "releases", None)
        return float(releases.clock_ahead()) if releases else 0.0

    def kept_by_others(self) -> Collection[str]:
        """Names that nobody but the vendor or an add-on may change."""
        return ()

    def as_of(self, when: datetime) -> Values:
        """The same at that moment; Refused where the vendor keeps no history."""

    def ready_for(self, gone: list[str], redeploy: bool) -> None:
        """Refused when these cannot be removed, or what serves not deployed again; asked in check mode, too, before anything is changed."""
        return

    def write(self, values: dict[str, str], gone: list[str]) -> None:
        """Set these and remove those, touching no others."""

    def wrote(self, when: datetime | None) -> None:
        """When the last change was made, by the vendor's clock, where a run that was cut off has remembered it."""
        self.written_at = when

    def outdated(self) -> bool | None:
        """Whether what serves was made before the last change of a variable; None when the vendor does not tell."""

    def redeploy(self) -> Release | None:
        """Start the code that serves once more with the variables of today, or take up such a start; None when nothing serves."""

    def serves(self, release: Release) -> bool:
        """Whether production serves it now, after the steps that the vendor leaves to us; ActivationFailed when it never will."""


@dataclass(frozen=True)
class Change:
    """From what there is to what is wanted."""

    there: Values
    values: dict[str, str]
    """To be written."""
    gone: list[str]
    """To be removed."""

    def __bool__(self) -> bool:
        return bool(self.values or self.gone)

    def without(self, names: Collection[str]) -> Change:
        """The same, leaving those as they are."""
        values = {name: value for name, value in self.values.items() if name not in names}
        return Change(self.there, values, [name for name in self.gone if name not in names])


def compare(there: Values, wanted: dict[str, str | None], only: list[str] | None, exclusive: bool) -> Change:
    """What has to be written and removed. A value that is not shown is never taken for the wanted one, nor removed for being extra."""
    considered = set(only) if only else set(there) | set(wanted)
    values = {
        name: value for name, value in wanted.items() if value is not None and name in considered and there.get(name) != value
    }
    gone = {name for name, value in wanted.items() if value is None and name in there}
    if exclusive:
        gone |= {name for name, value in there.items() if name not in wanted and value is not None}
    return Change(there, values, sorted(gone & considered))


def left(there: Values, wanted: Mapping[str, str | None], only: list[str] | None, exclusive: bool) -> Change:
    """What is still to be done after writing. Of a value that the vendor does not show it can only be seen that it is there."""
    shown = {name: value for name, value in wanted.items() if name not in there or there[name] is not None}
    return compare(there, shown, only, exclusive)


def fingerprint(key: bytes, name: str, value: str) -> str:
    """Eight hexadecimal digits that tell two values apart and tell nobody what they are."""
    return hmac.new(key, f"{name}\0{value}".encode(), hashlib.sha256).hexdigest()[:8]


def picture(variables: Variables, there: Values, change: Change, before: bool) -> dict[str, str]:
    """The variables that change, each with its fingerprint."""
    shown = {}
    for name in sorted([*change.values, *change.gone]):
        after = change.values.get(name)
        if before and name in there:
            value = there[name]
            shown[name] = "not shown by the vendor" if value is None else fingerprint(variables.key, name, value)
        elif not before and after is not None:
            shown[name] = fingerprint(variables.key, name, after)
        else:
            shown[name] = "absent"
    return shown


def count(names: Collection[str]) -> str:
    return f"{len(names)} variable" + ("" if len(names) == 1 else "s")
