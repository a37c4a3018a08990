"""A service whose calls are XML over REST, from AWS's own description of it: calls read and validated, answers written."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

from sandbox.state import Row

_PLACE = re.compile(r"\{(\w+)\+?\}")


class Malformed(Exception):
    """The call is not what the service's description says; the message says where."""


@dataclass(frozen=True)
class Asked:
    """A call, as the service's description names it."""

    operation: str
    given: Row


class RestXml:
    """One service by botocore's name for it."""

    def __init__(self, service: str) -> None:
        self.service = service

    @cached_property
    def model(self) -> ServiceModel:
        return botocore.session.get_session().get_service_model(self.service)

    @cached_property
    def _routes(self) -> list[tuple[str, re.Pattern[str], frozenset[str], OperationModel]]:
        """The more words a path has, the earlier it is tried."""
        found = []
        for name in self.model.operation_names:
            operation = self.model.operation_model(name)
            path, _, query = operation.http["requestUri"].partition("?")
            pattern = re.compile("^" + _PLACE.sub(r"(?P<\1>[^/]+)", path) + "/?$")
            found.append((operation.http["method"], pattern, frozenset(query.split("&") if query else ()), operation))
        return sorted(found, key=lambda route: (-len(route[2]), len(_PLACE.findall(route[1].pattern)), -len(route[1].pattern)))

    def read(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Asked | None:
        """The call; None for what the service does not have. Raises Malformed."""
        asked = dict(parse_qsl(query, keep_blank_values=True))
        flags = {f"{name}={value}" if value else name for name, value in asked.items()}
        for verb, pattern, wanted, operation in self._routes:
            if verb == method and wanted <= flags and (places := pattern.match(path)):
                given = self._given(operation, {k: unquote(v) for k, v in places.groupdict().items()}, asked, headers, body)
                return Asked(operation.name, given)
        return None

    def _given(self, operation: OperationModel, places: Row, query: Row, headers: Mapping[str, str], body: bytes) -> Row:
        shape = operation.input_shape
        if shape is None:
            return {}
        given: Row = {}
        for name, member in shape.members.items():
            where, key = member.serialization.get("location"), member.serialization.get("name", name)
            found = {"uri": places, "querystring": query, "header": headers}.get(where or "", {}).get(key)
            if found is not None:
                given[name] = _scalar(member, found)
        payload = shape.serialization.get("payload")
        if payload and body:
            given[payload] = _read(shape.members[payload], _tree(body))
        elif body and not payload:
            given.update(_read(shape, _tree(body)))
        problems = ParamValidator().validate(given, shape)
        if problems.has_errors():
            raise Malformed(problems.generate_report())
        return given

    def write(self, operation: str, answer: Row) -> tuple[dict[str, str], bytes]:
        """Headers and body of an answer."""
        shape = self.model.operation_model(operation).output_shape
        if shape is None:
            return {}, b""
        headers = {
            member.serialization["name"]: str(answer[name])
            for name, member in shape.members.items()
            if member.serialization.get("location") == "header" and name in answer
        }
        payload = shape.serialization.get("payload")
        if payload is None:
            return headers, b""
        root = ET.Element(shape.members[payload].serialization.get("name", payload))
        _write(root, shape.members[payload], answer[payload])
        return headers, b'<?xml version="1.0"?>\n' + ET.tostring(root)

    def shaped(self, name: str, value: bytes) -> Any:
        """An XML document read as the shape of that name."""
        return _read(self.model.shape_for(name), _tree(value))


@cache
def service(name: str) -> RestXml:
    return RestXml(name)


def error(code: str, message: str) -> bytes:
    """How such a service says no."""
    root = ET.Element("ErrorResponse")
    inside = ET.SubElement(root, "Error")
    for tag, text in (("Type", "Sender"), ("Code", code), ("Message", message)):
        ET.SubElement(inside, tag).text = text
    ET.SubElement(root, "RequestId").text = "5f6b1a52-sandbox"
    return ET.tostring(root)


def _tree(body: bytes) -> ET.Element:
    try:
        return ET.fromstring(body)
    except ET.ParseError as problem:
        raise Malformed(f"the body is no XML: {problem}") from None


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _read(shape: Shape, element: ET.Element) -> Any:
    if shape.type_name == "structure":
        inside = {_local(child): child for child in element}
        found = {}
        for name, member in shape.members.items():
            child = inside.pop(member.serialization.get("name", name), None)
            if child is not None:
                found[name] = _read(member, child)
        if inside:
            raise Malformed(f"{_local(element)} has no {', '.join(inside)}")
        return found
    if shape.type_name == "list":
        return [_read(shape.member, child) for child in element]
    return _scalar(shape, element.text or "")


def _scalar(shape: Shape, text: str) -> Any:
    try:
        match shape.type_name:
            case "boolean":
                return {"true": True, "false": False}[text.strip().lower()]
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "timestamp":
                return datetime.fromisoformat(text)
            case _ if shape.enum and text not in shape.enum:
                raise ValueError
            case _:
                return text
    except (KeyError, ValueError):
        raise Malformed(f"{text!r} is no {shape.name}") from None


def _write(element: ET.Element, shape: Shape, value: Any) -> None:
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _write(ET.SubElement(element, member.serialization.get("name", name)), member, value[name])
    elif shape.type_name == "list":
        member = shape.member
        for one in value:
            _write(ET.SubElement(element, member.serialization.get("name", "member")), member, one)
    elif shape.type_name == "boolean":
        element.text = "true" if value else "false"
    elif shape.type_name == "timestamp":
        element.text = datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    else:
        element.text = str(value)
