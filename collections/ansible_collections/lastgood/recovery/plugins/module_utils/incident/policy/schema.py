# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of JSON Schema that the policies' schema is written in; jsonschema is not at hand wherever Ansible is.

The tests prove that it accepts and refuses the same documents as jsonschema, and that the schema needs no more than this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

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


def faults(document: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None, at: str = "") -> Iterator[str]:
    """What is wrong with the document, each with the place; nothing when it is valid."""
    root = schema if root is None else root
    where = at or "the policy"
    if "$ref" in schema:
        yield from faults(document, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    if "type" in schema and not TYPES[schema["type"]](document):
        yield f"{where} is no {schema['type']}"
        return
    if "enum" in schema and not any(type(one) is type(document) and one == document for one in schema["enum"]):
        yield f"{where} is none of {', '.join(schema['enum'])}"
    if TYPES["number"](document):
        if document < schema.get("minimum", document):
            yield f"{where} is less than {schema['minimum']}"
        if document > schema.get("maximum", document):
            yield f"{where} is more than {schema['maximum']}"
    if isinstance(document, str):
        if len(document) < schema.get("minLength", 0):
            yield f"{where} is empty"
        if "pattern" in schema and not re.search(schema["pattern"], document):
            yield f"{where}: '{document}' is not written as {schema['pattern']}"
    if isinstance(document, list):
        yield from _array(document, schema, root, at, where)
    if isinstance(document, dict):
        yield from _object(document, schema, root, at, where)
    yield from _alternatives(document, schema, root, at, where)


def _array(document: list[Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: str, where: str) -> Iterator[str]:
    if len(document) < schema.get("minItems", 0):
        yield f"{where} has less than {schema['minItems']} entries"
    if len(document) > schema.get("maxItems", len(document)):
        yield f"{where} has more than {schema['maxItems']} entries"
    for index, item in enumerate(document):
        yield from faults(item, schema.get("items", {}), root, f"{at}[{index}]")


def _object(document: dict[Any, Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: str, where: str) -> Iterator[str]:
    yield from (f"{where} lacks {name}" for name in schema.get("required", []) if name not in document)
    if len(document) < schema.get("minProperties", 0):
        yield f"{where} is empty"
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, value in document.items():
        place = f"{at}.{name}" if at else str(name)
        yield from faults(name, schema.get("propertyNames", {}), root, f"{place} (the name)")
        if name in known:
            yield from faults(value, known[name], root, place)
        elif others is False:
            yield f"{place} is not known"
        elif others is not True:
            yield from faults(value, others, root, place)


def _alternatives(document: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str, where: str) -> Iterator[str]:
    for keyword, too_few in (("anyOf", "none"), ("oneOf", "not exactly one")):
        if keyword not in schema:
            continue
        fitting = sum(next(faults(document, one, root, at), None) is None for one in schema[keyword])
        if fitting == 0 or (keyword == "oneOf" and fitting > 1):
            needs = [", ".join(one["required"]) for one in schema[keyword] if "required" in one]
            yield f"{where} has {too_few} of {', '.join(needs)}" if needs else f"{where} is written in no form that is known"
