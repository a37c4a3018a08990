# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of JSON Schema that this collection's schemas are written in; jsonschema is not at hand wherever Ansible is.

The tests prove that it accepts and refuses the same documents as jsonschema, and that the schemas need no more than this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer())),
}
KEYWORDS = {
    *("type", "enum", "minimum", "maximum", "minLength", "pattern", "minItems", "maxItems", "items", "required"),
    *("minProperties", "propertyNames", "properties", "additionalProperties", "anyOf", "oneOf", "$ref"),
}
"""What is understood; C(title), C(description), C($schema), C($id) and C($defs) say nothing about a document."""

Schema = Mapping[str, Any]
Place: TypeAlias = "tuple[str | int, ...]"


class Unread:
    """Stands for a value that is not known yet, such as one in a vault: every schema takes it."""


class Fault(NamedTuple):
    """C(says) goes on after the place: C( is no integer). C(allowed) are the names or words that could have stood there."""

    place: Place
    says: str
    given: str = ""
    allowed: tuple[str, ...] = ()
    of_name: bool = False
    """It is the name that is wrong, and not what it stands for."""

    def in_words(self, whole: str) -> str:
        return f"{written(self.place) or whole}{' (the name)' if self.of_name else ''}{self.says}"


def written(place: Place) -> str:
    """C(rows[0].when)."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def faults(document: Any, schema: Schema, root: Schema | None = None, at: Place = ()) -> Iterator[Fault]:
    """What is wrong with the document; nothing when it is valid."""
    root = schema if root is None else root
    if isinstance(document, Unread):
        return
    if "$ref" in schema:
        yield from faults(document, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    if "type" in schema and not TYPES[schema["type"]](document):
        yield Fault(at, f" is no {schema['type']}")
        return
    if "enum" in schema and not any(type(one) is type(document) and one == document for one in schema["enum"]):
        yield Fault(at, f" is none of {', '.join(map(str, schema['enum']))}", str(document), tuple(map(str, schema["enum"])))
    if TYPES["number"](document):
        if document < schema.get("minimum", document):
            yield Fault(at, f" is less than {schema['minimum']}")
        if document > schema.get("maximum", document):
            yield Fault(at, f" is more than {schema['maximum']}")
    if isinstance(document, str):
        if len(document) < schema.get("minLength", 0):
            yield Fault(at, " is empty")
        if "pattern" in schema and not re.search(schema["pattern"], document):
            yield Fault(at, f": '{document}' is not written as {schema['pattern']}")
    if isinstance(document, list):
        yield from _array(document, schema, root, at)
    if isinstance(document, dict):
        yield from _object(document, schema, root, at)
    yield from _alternatives(document, schema, root, at)


def _array(document: list[Any], schema: Schema, root: Schema, at: Place) -> Iterator[Fault]:
    if len(document) < schema.get("minItems", 0):
        yield Fault(at, f" has less than {schema['minItems']} entries")
    if len(document) > schema.get("maxItems", len(document)):
        yield Fault(at, f" has more than {schema['maxItems']} entries")
    for index, item in enumerate(document):
        yield from faults(item, schema.get("items", {}), root, (*at, index))


def _object(document: dict[Any, Any], schema: Schema, root: Schema, at: Place) -> Iterator[Fault]:
    yield from (Fault(at, f" lacks {name}") for name in schema.get("required", []) if name not in document)
    if len(document) < schema.get("minProperties", 0):
        yield Fault(at, " is empty")
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, value in document.items():
        place = (*at, name if isinstance(name, int) and not isinstance(name, bool) else str(name))
        for wrong in faults(name, schema.get("propertyNames", {}), root, place):
            yield wrong._replace(of_name=True)
        if name in known:
            yield from faults(value, known[name], root, place)
        elif others is False:
            yield Fault(place, " is not known", str(name), tuple(known))
        elif others is not True:
            yield from faults(value, others, root, place)


def _alternatives(document: Any, schema: Schema, root: Schema, at: Place) -> Iterator[Fault]:
    for keyword, too_few in (("anyOf", "none"), ("oneOf", "not exactly one")):
        if keyword not in schema:
            continue
        fitting = sum(next(faults(document, one, root, at), None) is None for one in schema[keyword])
        if fitting == 0 or (keyword == "oneOf" and fitting > 1):
            needs = [", ".join(one["required"]) for one in schema[keyword] if "required" in one]
            yield Fault(at, f" has {too_few} of {', '.join(needs)}" if needs else " is written in no form that is known")
