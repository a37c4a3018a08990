"""Heroku's hyper-schema as the judge of what is asked and answered: links by method and address, objects that are complete."""

from __future__ import annotations

import json
import re
import urllib.parse
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.sandbox.spec import SPECS

FILE = SPECS / "heroku" / "hyper-schema-2026-02-19.json"


def hyper_schema(path: Path = FILE) -> HyperSchema:
    """The published one; skips the test when it is missing."""
    if not path.exists():
        pytest.skip(f"{path} is missing; set LASTGOOD_SPECS")
    return _read(path)


@cache
def _read(path: Path) -> HyperSchema:
    return HyperSchema(json.loads(path.read_text()))


def _strict(validator: Any, strict: Any, instance: Any, schema: Any) -> Any:
    """`strictProperties`: an object has all of its properties and no other."""
    if strict and isinstance(instance, dict):
        known = schema.get("properties", {})
        for name in sorted(set(known) ^ set(instance)):
            yield ValidationError(f"{name} is missing" if name in known else f"{name} is not described")


Validator = extend(Draft4Validator, {"strictProperties": _strict})  # type: ignore[no-untyped-call]


class HyperSchema:
    """Checks an exchange against the links with its method and address; more than one may have them."""

    def __init__(self, document: Any) -> None:
        self._registry: Registry[Any] = Registry().with_resource("urn:heroku", DRAFT4.create_resource(document))
        self._links = [
            (link["method"], _pattern(link["href"]), f"urn:heroku#/definitions/{name}/links/{number}", link)
            for name, definition in document["definitions"].items()
            for number, link in enumerate(definition.get("links", []))
        ]

    def links(self, method: str, path: str) -> list[tuple[str, Any]]:
        """Pointer and description of every link for this call."""
        return [(pointer, link) for verb, pattern, pointer, link in self._links if verb == method and pattern.fullmatch(path)]

    def check(self, method: str, url: str, sent: Any, status: int, received: Any) -> None:
        """Fail when the request or the answer is not as described; errors are not described but for `id` and `message`."""
        path = urllib.parse.urlsplit(url).path
        links = self.links(method, path)
        assert links, f"{method} {path} is not in the hyper-schema"
        if status >= 400:
            assert {"id", "message"} <= set(received), received
            return
        problems = [self._problem(f"{pointer}/schema", sent) if "schema" in link else None for pointer, link in links]
        assert None in problems, f"{method} {path} sent: {problems}"
        problems = [self._problem(f"{pointer}/targetSchema", received) if "targetSchema" in link else None for pointer, link in links]
        assert None in problems, f"{method} {path} {status}: {problems}"

    def _problem(self, pointer: str, value: Any) -> str | None:
        problem = best_match(Validator({"$ref": pointer}, registry=self._registry).iter_errors(value))
        return f"{problem.json_path}: {problem.message}" if problem else None


def _pattern(href: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]*\}", "[^/]+", href))
