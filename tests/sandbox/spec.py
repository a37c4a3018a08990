"""A vendor's published API description as the judge of what is asked and answered."""

from __future__ import annotations

import json
import os
import re
import urllib.parse
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT4

ROOT = Path(__file__).resolve().parents[2]
SPECS = Path(os.environ.get("LASTGOOD_SPECS", ROOT.parent / "shared" / "specs"))
METHODS = ("get", "put", "post", "patch", "delete")


def specification(*files: str, prefix: str = "", nulls_are_absent: bool = False) -> Specification:
    """The files below LASTGOOD_SPECS read together; skips the test when one is missing."""
    for file in files:
        if not (SPECS / file).exists():
            pytest.skip(f"{SPECS / file} is missing; set LASTGOOD_SPECS")
    return _specification(files, prefix, nulls_are_absent)


@cache
def _specification(files: tuple[str, ...], prefix: str, nulls_are_absent: bool) -> Specification:
    documents = [_read((SPECS / file).read_text(), file) for file in files]
    return Specification(documents, prefix, nulls_are_absent)


def _read(text: str, file: str) -> Any:
    """JSON, or YAML made the same: names of statuses are texts, instants in examples, too."""
    return json.loads(text if file.endswith(".json") else json.dumps(yaml.load(text, yaml.CSafeLoader), default=str))


def _unless_nullable(keyword: str) -> Any:
    """OpenAPI's `nullable` lets a null pass; the branches of the vendors' `oneOf` overlap, so any of them will do."""
    check = Draft4Validator.VALIDATORS["anyOf" if keyword == "oneOf" else keyword]

    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        if instance is not None or not schema.get("nullable"):
            yield from check(validator, value, instance, schema) or ()

    return checked


OpenApiValidator = extend(  # type: ignore[no-untyped-call]
    Draft4Validator, {k: _unless_nullable(k) for k in ("type", "enum", "oneOf", "anyOf", "allOf")}
)


class Specification:
    """Operations by path template, and their schemas."""

    def __init__(self, documents: list[Any], prefix: str, nulls_are_absent: bool) -> None:
        self._documents, self._prefix, self._nulls_are_absent = documents, prefix, nulls_are_absent
        resources = [(f"urn:{n}", DRAFT4.create_resource(document)) for n, document in enumerate(documents)]
        self._registry: Registry[Any] = Registry().with_resources(resources)

    def operations(self, method: str, path: str) -> list[tuple[str, Any]]:
        """Every description of this operation, as (JSON pointer, operation); most literal path first."""
        path = path.removeprefix(self._prefix)
        found = []
        for number, document in enumerate(self._documents):
            for template, item in document["paths"].items():
                if method.lower() in item and _pattern(template).fullmatch(path):
                    at = template.replace("~", "~0").replace("/", "~1")
                    shared = item.get("parameters", [])
                    found.append((template.count("{"), f"urn:{number}#/paths/{at}/{method.lower()}", item, shared))
        fewest = min((variables for variables, *_ in found), default=0)
        return [
            (pointer, {**item[method.lower()], "shared": shared})
            for variables, pointer, item, shared in found
            if variables == fewest
        ]

    def check(self, method: str, url: str, sent: Any, status: int, received: Any) -> None:
        """Fail when the request or the answer is not as the vendor describes it."""
        parts = urllib.parse.urlsplit(url)
        operations = self.operations(method, parts.path)
        assert operations, f"{method} {parts.path} is not in the specification"
        allowed = {name for _, operation in operations for name in self._query_names(operation)}
        used = set(urllib.parse.parse_qs(parts.query, keep_blank_values=True))
        assert used <= allowed, f"{method} {parts.path} has no query parameter {used - allowed}"
        for pointer, operation in operations:
            if status < 400 and sent is not None:
                self._check_content(*self._request(pointer, operation), sent, f"{method} {url} sent")
            answer = next((name for name in (str(status), "default") if name in operation["responses"]), None)
            if answer:
                response = operation["responses"][answer]
                self._check_content(f"{pointer}/responses/{answer}", response, received, f"{method} {url} {status}")
        statuses = {status for _, operation in operations for status in operation["responses"]}
        assert statuses & {str(status), "default"}, f"{method} {parts.path} never answers {status}, only {sorted(statuses)}"

    def check_line(self, method: str, path: str, line: Any) -> None:
        """Fail when a line of an answer that is a stream of JSON is not as the vendor describes it."""
        for pointer, _ in self.operations(method, path):
            schema = {"$ref": _quoted(f"{pointer}/responses/200/content/application~1stream+json/schema")}
            problem = best_match(OpenApiValidator(schema, registry=self._registry).iter_errors(line))
            assert problem is None, f"{method} {path}: {problem.json_path}: {problem.message}" if problem else ""

    def _request(self, pointer: str, operation: Any) -> tuple[str, Any]:
        """Where the request's body is described: on its own in OpenAPI 3, among the parameters in Swagger 2."""
        for at, parameters in ((pointer, operation.get("parameters", [])), (pointer.rsplit("/", 1)[0], operation["shared"])):
            for number, parameter in enumerate(parameters):
                if self._resolved(parameter)["in"] == "body":
                    return f"{at}/parameters/{number}", parameter
        return f"{pointer}/requestBody", operation.get("requestBody")

    def _query_names(self, operation: Any) -> set[str]:
        parameters = [self._resolved(p) for p in [*operation.get("parameters", []), *operation["shared"]]]
        return {p["name"] for p in parameters if p["in"] == "query"}

    def _resolved(self, node: Any) -> Any:
        while "$ref" in node:
            node = self._registry.resolver(base_uri="urn:0").lookup(node["$ref"]).contents
        return node

    def _check_content(self, pointer: str, container: Any, value: Any, what: str) -> None:
        if container is None:
            return
        if "$ref" in container:
            pointer, container = pointer.split("#")[0] + container["$ref"], self._resolved(container)
        if "schema" in container:  # Swagger 2
            place = "schema"
        elif "schema" in container.get("content", {}).get("application/json", {}):
            place = "content/application~1json/schema"
        else:
            return
        validator = OpenApiValidator({"$ref": _quoted(f"{pointer}/{place}")}, registry=self._registry)
        problem = best_match(validator.iter_errors(_without_nulls(value) if self._nulls_are_absent else value))
        assert problem is None, f"{what}: {problem.json_path}: {problem.message}" if problem else ""


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template)))


def _quoted(pointer: str) -> str:
    head, _, fragment = pointer.partition("#")
    return f"{head}#{urllib.parse.quote(fragment, safe='/~$')}"


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value
