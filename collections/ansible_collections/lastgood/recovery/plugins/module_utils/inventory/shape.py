# SPDX-License-Identifier: GPL-3.0-or-later
"""What single files say, judged by the published schema: names, types, and words out of a list."""
from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.marked import Marked
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.nearness import nearest
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.sources import Said, Sources
from ansible_collections.lastgood.recovery.plugins.module_utils.json_schema import Fault, faults

SCHEMA = Path(__file__).resolve().parents[3] / "schemas" / "inventory.schema.json"
EXPRESSION = {"$ref": "#/$defs/expression"}
OWN = "own_variables"


class Finding(NamedTuple):
    """One thing that is wrong, and where."""

    file: str
    line: int
    says: str


@cache
def schema() -> Mapping[str, Any]:
    """As published, but for expressions: they are not read, so that nothing else needs to allow for them."""
    whole: Mapping[str, Any] = _without_expressions(json.loads(SCHEMA.read_text(encoding="utf-8")))
    return whole


def variables() -> Mapping[str, Any]:
    """The schema of each known variable."""
    known: Mapping[str, Any] = schema()["properties"]
    return known


def options_of(vendor: str) -> Mapping[str, Any] | None:
    """The schema of C(service) at that vendor; None when there is no such vendor."""
    found: Mapping[str, Any] | None = schema()["$defs"].get(f"service_{vendor}")
    return found


def findings(sources: Sources) -> Iterator[Finding]:
    """Everything that the files alone tell."""
    for marked, line, says in sources.problems:
        yield Finding(str(marked.path), line, says)
    declared = {str(name) for said in sources.said if isinstance(names := said.data.get(OWN), list) for name in names}
    for said in sources.said:
        yield from _of_variables(said, declared)


def own(sources: Sources) -> list[str]:
    """The variables that are nobody's but the team's."""
    names = {str(name) for said in sources.said for name in said.data}
    return sorted(name for name in names if name not in variables() and not name.startswith("ansible_"))


def in_words(fault: Fault) -> str:
    """With the word that was probably meant."""
    meant = nearest(fault.given, fault.allowed) if fault.allowed else ""
    return fault.in_words("the file") + (f"; did you mean {meant}?" if meant else "")


def _of_variables(said: Said, declared: Collection[str]) -> Iterator[Finding]:
    for name, value in said.data.items():
        text = str(name)
        if text in variables():
            for fault in faults(value, variables()[text], schema(), (text,)):
                yield _at(said.file, (*said.place, *fault.place), in_words(fault))
        elif not text.startswith("ansible_") and text not in declared and (meant := nearest(text, variables())):
            yield _at(said.file, (*said.place, text), f"{text} is not known; did you mean {meant}? If it is your own, list it in {OWN}")


def _at(file: Marked, place: tuple[str | int, ...], says: str) -> Finding:
    return Finding(str(file.path), file.line(place), says)


def _without_expressions(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_expressions(one) for one in part]
    if not isinstance(part, dict):
        return part
    part = {name: _without_expressions(one) for name, one in part.items()}
    if EXPRESSION in part.get("anyOf", []):
        left = [one for one in part["anyOf"] if one != EXPRESSION]
        rest = {name: one for name, one in part.items() if name != "anyOf"}
        return {**rest, **left[0]} if len(left) == 1 else {**rest, "anyOf": left}
    return part
