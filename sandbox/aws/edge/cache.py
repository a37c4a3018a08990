"""What a point of presence remembers of answers, and for how long."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

Headers = list[tuple[str, str]]
_AGE = re.compile(r"(?:^|[\s,])(s-maxage|max-age)=(\d+)", re.IGNORECASE)


@dataclass
class Answer:
    """As the origin, or the function behind it, gave it."""

    status: int
    headers: Headers
    body: bytes
    kept_at: float = field(default_factory=time.time)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def age(self) -> int:
        return int(time.time() - self.kept_at)


def seconds(answer: Answer, least: int, default: int, most: int) -> int:
    """How long the answer may be kept: what it says itself, within what the cache policy says."""
    said = answer.header("cache-control").lower()
    if any(word in said for word in ("no-store", "no-cache", "private")):
        return least
    ages = {name.lower(): int(number) for name, number in _AGE.findall(said)}
    wish = ages.get("s-maxage", ages.get("max-age", default))
    return max(least, min(wish, most))


class Cache:
    """Of one point of presence, by distribution and path."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Answer, float]] = {}

    def get(self, distribution: str, path: str) -> Answer | None:
        answer, until = self._kept.get((distribution, path), (None, 0.0))
        return answer if time.time() < until else None

    def keep(self, distribution: str, path: str, answer: Answer, seconds: float) -> None:
        if seconds > 0:
            self._kept[distribution, path] = answer, time.time() + seconds

    def purge(self, distribution: str, paths: list[str]) -> None:
        """Forget what a path names; one that ends with an asterisk names everything that begins so."""
        for known in list(self._kept):
            if known[0] == distribution and any(_names(path, known[1]) for path in paths):
                del self._kept[known]

    def clear(self) -> None:
        self._kept.clear()


def _names(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern
