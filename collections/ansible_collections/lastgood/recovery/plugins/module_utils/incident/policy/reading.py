# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies from files, by the names of the ready ones, or as they stand; nothing that is not right in every row is taken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import schema
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.outcome import Outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.policy import RISING, Policy, Row, Threshold
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import yaml
else:
    yaml = library("yaml")

READY = Path(__file__).resolve().parents[4] / "policies"
"""The policies that come with the collection, and their schema."""


def names() -> list[str]:
    """The ready policies."""
    return sorted(path.stem for path in READY.glob("*.yml"))


def policy(given: Any) -> Policy:
    """The policy that is given by the name of a ready one, by the path of a file, or as a mapping; Refused when it is not right."""
    document = _named(given) if isinstance(given, str) else given
    _validate(document, given if isinstance(given, str) else "the policy")
    return _merged(document)


def _named(given: str) -> Any:
    if given in names():
        return document_in(READY / f"{given}.yml")
    path = Path(given).expanduser()
    if not path.is_file():
        raise Refused(f"there is no policy '{given}'", f"Give the path of a file, or one of {', '.join(names())}.")
    return document_in(path)


def document_in(path: Path) -> Any:
    """What a YAML file says; Refused when it cannot be read, or says one thing twice."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_strict())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refused(f"{path} cannot be read: {' '.join(str(error).split())}", "Correct the file.") from None


@cache
def _strict() -> Any:
    """YAML lets the last of two equal keys win without a word; a policy must not lose a row that way."""

    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [self.construct_object(pair[0], deep=True) for pair in node.value]
            twice = [str(key) for index, key in enumerate(keys) if key in keys[:index]]
            if twice:
                raise yaml.constructor.ConstructorError(None, None, f"{twice[0]} is there twice", node.start_mark)
            return super().construct_mapping(node, deep)

    return Strict


def _validate(document: Any, what: str) -> None:
    found = list(schema.faults(document, published()))
    if found:
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise Refused(f"{what} is no valid policy: {'; '.join(found[:3])}{more}", "docs/decisions.md describes every part.", faults=found)


@cache
def published() -> Any:
    """The schema, as it is published."""
    return json.loads((READY / "policy.schema.json").read_text(encoding="utf-8"))


def _merged(document: Mapping[str, Any], above: tuple[str, ...] = ()) -> Policy:
    name = document["name"]
    if name in above:
        raise Refused(f"the policy {name} merges itself", "Take it out of merges.")
    rows: dict[str, Row] = {}
    units: dict[str, str] = {}
    parts: list[Policy] = []
    for other in document.get("merges", []):
        if other not in names():
            raise Refused(f"{name} merges {other}, which there is not", f"The ready policies are {', '.join(names())}.")
        part = _merged(document_in(READY / f"{other}.yml"), (*above, name))
        rows |= {row.id: row for row in part.rows}
        parts += [part, *part.merged]
        _agree(units, part.units, name)
    for gone in document.get("without", []):
        if rows.pop(gone, None) is None:
            raise Refused(f"{name} is without {gone}, which no merged policy has", "Name rows as policy/row, and merge the policy.")
    own = [Row.read(name, row) for row in document.get("rows", [])]
    twice = [row for row, count in Counter(row.id for row in [*own, *rows.values()]).items() if count > 1]
    if twice:
        raise Refused(f"two rows are called {twice[0]}", "Give each row an id of its own, and the policy a name of its own.")
    _agree(units, document.get("units", {}), name)
    approval = {key: tuple(roles) for key, roles in document.get("approval", {}).items()}
    whole = Policy(name, Outcome.read(document["otherwise"]), approval, units, (*rows.values(), *own), tuple(parts))
    _one_direction(whole)
    return whole


def _agree(units: dict[str, str], more: Mapping[str, str], name: str) -> None:
    for fact, unit in more.items():
        if units.setdefault(fact, unit) != unit:
            raise Refused(f"{name} counts {fact} in {units[fact]} and in {unit}", "Give one of them another name.")


def _one_direction(whole: Policy) -> None:
    rising: dict[str, tuple[bool, str]] = {}
    for row in whole.rows:
        for condition in row.conditions:
            if isinstance(condition, Threshold):
                direction = condition.beyond in RISING
                before, first = rising.setdefault(condition.fact, (direction, row.id))
                if before != direction:
                    raise Refused(
                        f"{condition.fact} is worse when high in one of {first} and {row.id}, and when low in the other",
                        "Use two facts: worse must never mean milder.",
                    )
