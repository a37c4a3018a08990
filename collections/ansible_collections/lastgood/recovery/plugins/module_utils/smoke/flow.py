# SPDX-License-Identifier: GPL-3.0-or-later
"""A named flow: the requests of one user's journey, checked for sense before any of them is made."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke import expectation

Step = Mapping[str, Any]
"""{method, url, headers, body, form, timeout, follow, expect, capture}, as the module documents them."""
READING = ("GET", "HEAD", "OPTIONS")
FILLED = ("url", "headers", "body", "form", "expect")
"""The parts of a step that placeholders are filled in."""
SOURCES = ("json", "header", "regex")
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


class Flow:
    """A flow as its options describe it; Refused when it could not be walked as it is written."""

    def __init__(self, options: Mapping[str, Any], base_url: str | None, secrets: Collection[str]) -> None:
        self.name: str = options["name"]
        self._safe: bool = options["safe"]
        steps = [options] if options["steps"] is None else options["steps"]
        if not steps:
            raise Refused(f"flow {self.name} has no steps", "Give it a url, or at least one step.")
        known = set(secrets)
        for number, step in enumerate(steps, 1):
            try:
                _validate_step(step, known)
            except Refused as wrong:
                raise type(wrong)(f"flow {self.name}, step {number}: {wrong.message}", wrong.hint) from None
            known |= step["capture"].keys()
        self.steps: list[Step] = [{**step, "url": _absolute(step["url"], options["base_url"] or base_url)} for step in steps]
        for step in self.steps:
            _validate_address(step["url"], self.name)

    @property
    def only_reads(self) -> bool:
        """Whether walking it leaves no trace: it asks with GET, HEAD and OPTIONS only, or is declared safe."""
        return self._safe or all(step["method"] in READING for step in self.steps)


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """A copy with C(${name}) replaced throughout; a text that is nothing but a placeholder becomes the very value."""
    if isinstance(value, Mapping):
        return {name: filled(part, known) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(part, known) for part in value]
    if not isinstance(value, str):
        return value
    whole = PLACEHOLDER.fullmatch(value)
    return known[whole[1]] if whole else PLACEHOLDER.sub(lambda match: str(known[match[1]]), value)


def source_of(source: Any) -> tuple[str, str]:
    """Where a captured value comes from, as (json, header or regex; path, name or pattern); empty when that is not clear."""
    if isinstance(source, str):
        return ("json", source)
    if isinstance(source, Mapping) and len(source) == 1:
        kind, where = next(iter(source.items()))
        return (str(kind), str(where))
    return ("", "")


def _validate_step(step: Step, known: Collection[str]) -> None:
    if not step["url"]:
        raise Refused("it has no url", "Give it the address to ask.")
    for name in sorted(_placeholders([step[part] for part in FILLED])):
        if name not in known:
            raise Refused(
                f"nothing called {name} is known where ${{{name}}} is used",
                f"Known there: {', '.join(sorted(known)) or 'nothing'}; capture it in an earlier step.",
            )
    expectation.validate(step["expect"])
    for name, source in step["capture"].items():
        if not re.fullmatch(r"\w+", name):
            raise Refused(f"'{name}' cannot be the name of a captured value", "Use letters, digits and underscores.")
        kind, where = source_of(source)
        if kind not in SOURCES or not where:
            raise Refused(
                f"it is not clear where to capture {name}",
                "Write a dotted JSON path, or one of {json: path}, {header: name}, {regex: pattern}.",
            )
        if kind == "regex":
            expectation.compiled(where)


def _placeholders(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return set().union(*map(_placeholders, value))
    return set(PLACEHOLDER.findall(value)) if isinstance(value, str) else set()


def _absolute(url: str, base_url: str | None) -> str:
    if not base_url or re.match(r"https?://|\$\{", url):
        return url
    return f"{base_url.rstrip('/')}/{url.lstrip('/')}"


def _validate_address(url: str, flow: str) -> None:
    if url.startswith("${"):
        return  # an address that an earlier answer gave
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        complete = False
    if not complete:
        raise Refused(f"flow {flow}: {url} is not an address", "Write https://..., or set base_url.")
    if parts.username or parts.password:
        raise Refused(f"flow {flow}: an address must not hold a password", "Send it in an Authorization header.")
