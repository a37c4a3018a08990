# SPDX-License-Identifier: GPL-3.0-or-later
"""The release that the options of a release module ask for, as far as the vendor's answers can be trusted to tell."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.lastgood.recovery.plugins.module_utils import choice, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import ClocksDiffer, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release

WISHES = ("release", "good_at", "bad_at")
CLOCKS_AGREE = 60
"""Seconds that clocks may differ by without anybody being asked."""

LOOKS = 2
"""How often the list is read before it is believed that what is serving is not in it."""


def choose(provider: Provider, current: Release | None, options: Options) -> choice.Choice:
    """The release that C(release), C(good_at) or C(bad_at) asks for; the current one when only C(hold) is to be set.

    ClocksDiffer when the vendor's clock and this machine's are so far apart that they mean different releases by the same time.
    """
    if current and not any(options[wish] for wish in WISHES):
        return choice.Choice(current, "stays")
    releases = _listed(provider, current)
    if options["release"]:
        return choice.named(releases, options["release"])
    ahead = provider.clock_ahead()
    if abs(ahead) <= CLOCKS_AGREE:
        return _by_time(releases, options)
    return _by_both_clocks(provider, releases, options, ahead)


def _listed(provider: Provider, current: Release | None) -> list[Release]:
    """All releases. A list may lag behind or be cut off, and without what is serving the release before it would be taken for the bad one.

    So it is read again when that is missing; what is missing for good, because it is too old for a list, is added.
    """
    releases = provider.releases()
    for _look in range(1, LOOKS):
        if current and all(release.id != current.id for release in releases):
            releases = provider.releases()
    missing = [current] if current and all(release.id != current.id for release in releases) else []
    return [*missing, *releases]


def _by_time(releases: list[Release], options: Options, ahead: float = 0) -> choice.Choice:
    """What C(good_at) or C(bad_at) means on a clock that is so many seconds ahead of this machine's."""
    shift = timedelta(seconds=ahead)
    condemned = {artifact: moment.parse(since) + shift for artifact, since in options["condemned"].items()}
    if options["bad_at"]:
        return choice.bad_at(releases, moment.last_of(options["bad_at"]) + shift, condemned)
    at = moment.parse(options["good_at"]) if options["good_at"] else datetime.now(UTC)
    return choice.good_at(releases, at + shift, condemned)


def _by_both_clocks(provider: Provider, releases: list[Release], options: Options, ahead: float) -> choice.Choice:
    ours = _by_time(releases, options)
    for shift in (ahead, ahead + 1):  # vendors tell their time in whole seconds
        try:
            theirs = _by_time(releases, options, shift).release
        except Refused:
            theirs = None
        if theirs is None or theirs.artifact != ours.release.artifact:
            named = ", or ".join(f"{one.id} ({one})" for one in (ours.release, theirs) if one)
            raise ClocksDiffer(
                f"{provider.name}'s clock is {moment.span(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} this machine's: the time "
                f"that was given means {ours.release} by this one, {theirs or 'nothing that can be had'} by the other",
                f"Correct the clock, or name the release: {named}.",
            )
    return ours
