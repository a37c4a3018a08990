# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks, counted: how many in a row have failed."""
from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import requests
else:
    requests = library("requests")

TIMEOUT = 2
AT_ONCE = 16


class Health:
    """Every address is asked at each look; anything but a 2xx in time is a failure."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._in_a_row = dict.fromkeys(urls, 0)

    def look(self) -> None:
        if not self._in_a_row:
            return
        with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(self._in_a_row))) as pool:
            for url, well in zip(self._in_a_row, pool.map(_well, self._in_a_row), strict=True):
                self._in_a_row[url] = 0 if well else self._in_a_row[url] + 1

    def value(self, urls: Iterable[str]) -> float:
        """The most of any of these."""
        return float(max((self._in_a_row[url] for url in urls), default=0))


def _well(url: str) -> bool:
    try:
        return bool(requests.get(url, timeout=TIMEOUT).ok)
    except requests.RequestException:
        return False
