# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of telling: whose words, which channels, and who reads each of them."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Channel
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.wording import AUDIENCES, STAGES, Wording, wording

KEYS = ("messages", "channels", "product", "support", "issues", "components", "every", "test")
READERS = {
    "statuspage": "status_page", "instatus": "status_page", "better_stack": "status_page", "banner": "banner", "email": "stakeholders",
}
"""Who reads a kind of channel, unless the inventory says otherwise; the team reads the others."""
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
SECRET = re.compile(r"token|password|secret|key|url", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """One channel of the inventory."""

    name: str
    audience: str
    stages: tuple[str, ...]
    channel: Channel | None
    problem: str = ""
    """Why there is no channel."""
    secrets: frozenset[str] = frozenset()

    def redacted(self, text: str) -> str:
        """Without any value that must not be seen."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "********")
        return text


@dataclass(frozen=True)
class Configured:
    """All of it."""

    words: Wording
    places: tuple[Place, ...]
    said: Mapping[str, Any]
    every: float
    """Minutes."""
    test: bool
    problems: tuple[str, ...] = field(default=())


def configured(given: Mapping[str, Any], secrets: Mapping[str, str], strictly: bool) -> Configured:
    """What C(telling) says. C(strictly) refuses what is wrong; else the rest is done, and C(problems) has it."""
    problems: list[str] = []

    def wrong(error: RecoveryError) -> None:
        if strictly:
            raise error
        problems.append(error.message)

    if strange := sorted(set(given) - set(KEYS)):
        wrong(Refused(f"telling has no {', '.join(strange)}", f"It may say {', '.join(KEYS)}."))
    try:
        words = wording(str(given.get("messages") or "default"))
    except RecoveryError as error:
        wrong(error)
        words = wording()
    places: list[Place] = []
    for row in given.get("channels") or []:
        place = _place(row, secrets)
        if place.name in {other.name for other in places}:
            place = Place(place.name, place.audience, (), None, f"two channels are called {place.name}")
        if place.problem:
            wrong(Refused(place.problem, "Correct telling.channels in the inventory."))
        places.append(place)
    every = given.get("every", 10)
    if not isinstance(every, int | float) or isinstance(every, bool) or every < 0:
        wrong(Refused(f"telling: every is {every!r}", "Give minutes; 0 tells no progress."))
        every = 10
    said = {key: value for key, value in given.items() if key not in ("channels", "messages")} | {"every": f"{every:g}"}
    return Configured(words, tuple(places), said, float(every), bool(given.get("test")), tuple(problems))


def _place(row: Any, secrets: Mapping[str, str]) -> Place:
    if not isinstance(row, Mapping) or not row.get("kind"):
        return Place("?", "team", (), None, "a channel without a kind")
    from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import KINDS  # takes half a second

    kind = str(row["kind"])
    name, audience = str(row.get("name") or kind), str(row.get("audience") or READERS.get(kind, "team"))
    stages = tuple(row.get("stages") or STAGES)
    kept = frozenset(str(value) for value in secrets.values() if len(str(value)) > 3)
    if kind not in KINDS:
        return Place(name, "team", (), None, f"{name}: there is no kind of channel '{kind}', but {', '.join(sorted(KINDS))}")
    if audience not in AUDIENCES:
        return Place(name, "team", (), None, f"{name}: there is no audience '{audience}', but {', '.join(AUDIENCES)}")
    if strange := sorted(set(stages) - set(STAGES)):
        return Place(name, audience, (), None, f"{name}: no stages are called {', '.join(strange)}")
    try:
        options = {key: _with(value, secrets) for key, value in row.items() if key not in ("audience", "stages")} | {"name": name}
        kept |= {str(value) for key, value in options.items() if SECRET.search(key) and isinstance(value, str) and len(value) > 3}
        return Place(name, audience, stages, KINDS[kind](options), secrets=kept)
    except RecoveryError as error:
        return Place(name, audience, (), None, f"{error.message}. {error.hint}".strip(), kept)
    except (KeyError, TypeError, ValueError) as error:
        return Place(name, audience, (), None, f"{name}: {type(error).__name__} in its options", kept)


def _with(value: Any, secrets: Mapping[str, str]) -> Any:
    """The value with its secrets in place of C(${name})."""
    if isinstance(value, Mapping):
        return {key: _with(one, secrets) for key, one in value.items()}
    if isinstance(value, list):
        return [_with(one, secrets) for one in value]
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        if match[1] not in secrets:
            raise Refused(f"there is no ${{{match[1]}}} in telling_secrets", "Add it there, from a vault or the environment.")
        return str(secrets[match[1]])

    return PLACEHOLDER.sub(found, value)
