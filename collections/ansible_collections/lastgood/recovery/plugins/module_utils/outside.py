# SPDX-License-Identifier: GPL-3.0-or-later
"""What production serves, asked of production itself and not of the vendor."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotLive, TimedOut
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

if TYPE_CHECKING:
    import requests
else:
    requests = library("requests")

TIMEOUT = 5
"""Seconds for one address to answer."""
AT_ONCE = 16
"""Addresses that are asked side by side."""


def show(release: Release, urls: Iterable[str], clock: Callable[[], None]) -> None:
    """Return once every address shows the release's artifact; NotLive, with those that do not, when C(clock) runs out."""
    urls = list(urls)
    lagging = urls
    with ThreadPoolExecutor(max_workers=max(1, len(urls))) as pool:
        while True:
            seen = dict(zip(lagging, pool.map(lambda url: look(url, release)[1], lagging), strict=True))
            lagging = [url for url, problem in seen.items() if problem]
            if not lagging:
                return
            try:
                clock()
            except TimedOut:
                raise NotLive(
                    f"{release} is live as far as the vendor says, but not on {len(lagging)} of {len(urls)} addresses: "
                    + "; ".join(f"{url} {seen[url]}" for url in lagging),
                    "Look where that address points: an alias set by hand does not move with a rollback.",
                ) from None


def shows(text: str, release: Release) -> bool:
    """Whether the text names it: a commit by how it begins, an id as a whole, since C(headers:1) is not C(headers:12)."""
    name = str(release)
    ends = "" if name != release.id else r"(?![\w-])"
    return re.search(rf"{re.escape(name)}{ends}", text) is not None


def look_at_all(pairs: Sequence[tuple[str, Release]]) -> list[tuple[str, str]]:
    """For each address and the release it should show, what C(look) says."""
    with ThreadPoolExecutor(max_workers=max(1, min(AT_ONCE, len(pairs)))) as pool:
        return list(pool.map(lambda pair: look(*pair), pairs))


def look(url: str, release: Release) -> tuple[str, str]:
    """Whether the page at C(url) shows the artifact, as the verdict of a check, and what it does instead.

    BAD is another commit; UNKNOWN no answer, or one without a version that fits.
    """
    try:
        answer = requests.get(url, timeout=TIMEOUT, headers={"Cache-Control": "no-cache"})
    except requests.RequestException:
        return "UNKNOWN", "does not answer"
    shown = "\n".join([answer.text, *answer.headers.values()])
    if shows(shown, release):
        return "OK", ""
    other = re.search(r"\b[0-9a-f]{40}\b", shown)
    return ("BAD", f"serves {other.group()[:7]}") if other else ("UNKNOWN", f"answers {answer.status_code} without a version that fits")
