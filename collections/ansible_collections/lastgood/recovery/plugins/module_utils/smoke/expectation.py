# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer must be like, and the first way in which it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.answer import MISSING, Answer, find

Expectation = Mapping[str, Any]
"""{status: [int], header: {name: regex}, json: {path: value or rules}, contains, absent: text or texts, max_seconds}"""


class Mismatch(NamedTuple):
    """Two phrases that fit into "expected ..., got ..."."""

    expected: str
    got: str


def validate(expect: Expectation) -> None:
    """Refused when an expectation could never be judged as it is written."""
    for path, wanted in (expect["json"] or {}).items():
        if isinstance(wanted, Mapping):
            for rule, value in wanted.items():
                if rule not in RULES:
                    raise Refused(
                        f"'{rule}' is not a rule for the JSON value {path}",
                        f"Rules are {', '.join(RULES)}; name the parts of an object by their own dotted paths.",
                    )
                if rule == "matches":
                    compiled(str(value))
                elif rule == "exists" and not isinstance(value, bool):
                    raise Refused(f"'exists' of the JSON value {path} is neither true nor false", "Write true or false.")
                elif rule in ("min", "max") and not _number(value):
                    raise Refused(f"'{rule}' of the JSON value {path} is not a number", "Write a number.")
    for pattern in (expect["header"] or {}).values():
        compiled(str(pattern))
    for name in ("contains", "absent"):
        if not all(isinstance(text, str) and text for text in _texts(expect[name])):
            raise Refused(f"'{name}' holds something other than texts", "Write one text, or a list of texts.")


def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression; Refused when it is none."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise Refused(f"'{pattern}' is not a regular expression: {error}", "Correct it.") from None


def mismatch(expect: Expectation, answer: Answer) -> Mismatch | None:
    """The first thing about the answer that is not as expected, in the order status, header, JSON, text, time."""
    return next(_mismatches(expect, answer), None)


def _mismatches(expect: Expectation, answer: Answer) -> Iterator[Mismatch]:
    statuses = expect["status"]
    if answer.status not in (statuses or range(200, 300)):
        yield Mismatch(" or ".join(map(str, statuses)) if statuses else "2xx", _status(answer))
    for name, pattern in (expect["header"] or {}).items():
        value = answer.headers.get(name)
        if value is None or not _matches(value, pattern):
            yield Mismatch(f"header {name} matching {pattern}", "no such header" if value is None else value)
    if expect["json"]:
        yield from _json_mismatches(expect["json"], answer.json())
    for text in _texts(expect["contains"]):
        if text not in answer.text:
            yield Mismatch(f"'{text}' in the answer", "an answer without it")
    for text in _texts(expect["absent"]):
        if text in answer.text:
            yield Mismatch(f"no '{text}' in the answer", "an answer with it")
    limit = expect["max_seconds"]
    if limit is not None and answer.seconds > limit:
        yield Mismatch(f"an answer within {span(limit)}", span(answer.seconds))


def _json_mismatches(wanted: Mapping[str, Any], document: Any) -> Iterator[Mismatch]:
    if document is MISSING:
        yield Mismatch("JSON", "something else")
        return
    for path, value in wanted.items():
        found = find(document, path)
        for rule, operand in (value if isinstance(value, Mapping) else {"equals": value}).items():
            words, holds = RULES[rule]
            if not holds(found, operand):
                shown = f"{path} {words}" if rule == "exists" else f"{path} {words} {json.dumps(operand, default=str)}"
                if rule == "exists" and not operand:
                    shown = f"no {path}"
                yield Mismatch(shown, f"no {path}" if found is MISSING else json.dumps(found, ensure_ascii=False))


def _equal(found: Any, wanted: Any) -> bool:
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)  # in Python true equals 1


def _matches(text: str, pattern: Any) -> bool:
    try:
        return bool(re.search(str(pattern), text))
    except re.error:  # what was captured has made a valid pattern invalid
        return False


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


RULES: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "equals": ("equal to", _equal),
    "exists": ("present", lambda found, wanted: (found is not MISSING) == wanted),
    "matches": ("matching", lambda found, pattern: isinstance(found, str) and _matches(found, pattern)),
    "min": ("at least", lambda found, least: _number(found) and found >= least),
    "max": ("at most", lambda found, most: _number(found) and found <= most),
}
"""How a JSON value may be judged: the words for it, and whether it holds for what was found and the rule's operand."""


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _status(answer: Answer) -> str:
    """The status, and where a redirect leads: a shop that sends everybody to /login is broken in its own way."""
    target = urlsplit(answer.headers.get("Location", ""))
    where = target._replace(query="", fragment="").geturl()
    return f"{answer.status} to {where}" if 300 <= answer.status < 400 and where else str(answer.status)
