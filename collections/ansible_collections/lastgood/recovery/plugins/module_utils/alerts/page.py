# SPDX-License-Identifier: GPL-3.0-or-later
"""A C(/metrics) page read again and again: what a Prometheus would make of it, where there is none."""
from __future__ import annotations

import math
import re
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rule import Rule
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import requests
    from prometheus_client import parser
else:
    requests = library("requests")
    parser = library("prometheus_client.parser")

TIMEOUT = 5
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})?")
MATCHER = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
MATCHES: dict[str, Callable[[str, str], bool]] = {
    "=": lambda found, wanted: found == wanted,
    "!=": lambda found, wanted: found != wanted,
    "=~": lambda found, wanted: re.fullmatch(wanted, found) is not None,
    "!~": lambda found, wanted: re.fullmatch(wanted, found) is None,
}

Labels = tuple[tuple[str, str], ...]


class Scrape(NamedTuple):
    """The page at one moment: by name, the value of each set of labels."""

    at: float
    samples: dict[str, dict[Labels, float]]


class Page:
    """What the last C(window) seconds of the page say. One look alone says nothing of rates."""

    def __init__(self, url: str, window: float) -> None:
        self._url, self._window = url, window
        self._scrapes: deque[Scrape] = deque()

    def look(self) -> str:
        """Read it once more; why it could not be, or nothing."""
        try:
            answer = requests.get(self._url, timeout=TIMEOUT)
            answer.raise_for_status()
            scrape = scraped(answer.text, time.monotonic())
        except requests.RequestException as error:
            return f"{self._url} {_plainly(error)}"
        except ValueError:
            return f"{self._url} is no page of metrics"
        self._scrapes.append(scrape)
        while len(self._scrapes) > 2 and self._scrapes[1].at <= scrape.at - self._window:
            self._scrapes.popleft()
        return ""

    def value(self, rule: Rule) -> float | str:
        """The rule's value, or why nobody can tell."""
        if not rule["series"]:
            return "a query is for Prometheus to answer"
        newest, oldest = self._scrapes[-1], self._scrapes[0]
        if not rule["of"] and rule["quantile"] is None:
            found = matching(newest, rule["series"])
            return max(found.values()) if found else "no data"
        if newest.at - oldest.at < self._window * 0.5:
            return "not looked at for long enough"
        if rule["quantile"] is not None:
            return quantile(rule["quantile"], increase(oldest, newest, rule["series"]))
        whole = sum(increase(oldest, newest, rule["of"]).values())
        return 100 * sum(increase(oldest, newest, rule["series"]).values()) / whole if whole else "no data"


def scraped(text: str, at: float) -> Scrape:
    """The page as data; ValueError where it is none."""
    samples: dict[str, dict[Labels, float]] = {}
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return Scrape(at, samples)


def matching(scrape: Scrape, selector: str) -> dict[Labels, float]:
    """The samples that C(name{label="value"}) selects."""
    name, wanted = selected(selector)
    return {
        labels: value
        for labels, value in scrape.samples.get(name, {}).items()
        if all(MATCHES[how](dict(labels).get(label, ""), value_) for label, how, value_ in wanted)
    }


def selected(selector: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Its name and its matchers; Refused where it is no selector."""
    found = SELECTOR.fullmatch(selector.strip())
    inside = (found[2] or "") if found else ""
    matchers = [match.groups() for match in MATCHER.finditer(inside)]
    if not found or MATCHER.sub("", inside).strip():
        raise Refused(f"{selector} selects no series", 'Write it as name{label="value"}; anything else is a query, for Prometheus.')
    return found[1], [(label, how, re.sub(r"\\(.)", r"\1", text) if how in ("=", "!=") else text) for label, how, text in matchers]


def increase(old: Scrape, new: Scrape, selector: str) -> dict[Labels, float]:
    """By how much each counter has grown; one that is smaller has begun anew, one that is new began at nothing."""
    before = matching(old, selector)
    now = matching(new, selector)
    return {labels: value - before.get(labels, 0.0) if value >= before.get(labels, 0.0) else value for labels, value in now.items()}


def quantile(share: float, buckets: dict[Labels, float]) -> float | str:
    """Of a histogram's buckets, as Prometheus reckons it: between two bounds in proportion, never beyond the last finite one."""
    counts: dict[float, float] = {}
    for labels, count in buckets.items():
        bound = float(dict(labels).get("le", "nan"))
        counts[bound] = counts.get(bound, 0.0) + count
    bounds = sorted(bound for bound in counts if not math.isnan(bound))
    if not bounds or not counts[bounds[-1]]:
        return "no data"
    rank, lower, below = share * counts[bounds[-1]], 0.0, 0.0
    for bound in bounds:
        if counts[bound] >= rank:
            if math.isinf(bound):
                break
            return lower + (bound - lower) * (rank - below) / (counts[bound] - below) if counts[bound] > below else bound
        lower, below = bound, counts[bound]
    return lower


def _plainly(error: Exception) -> str:
    answer = getattr(error, "response", None)
    return f"answered {answer.status_code}" if answer is not None else "does not answer"
