# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as a person, a program or a pull request reads them. What stands in a runbook never reaches a terminal as it is."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.findings import Finding

MODULES = "lastgood.recovery"


def human(findings: Sequence[Finding], files: Sequence[str]) -> str:
    """80 columns: where, what stands there, why that is wrong, and what replaces it."""
    lines: list[str] = []
    for file in files:
        mine = [one for one in findings if one.file == file]
        first = {one.rule: one for one in reversed(mine)}
        lines += [*_wrapped(printable(file), ""), *(text for one in mine for text in _shown(one, first[one.rule])), ""] if mine else []
    return "\n".join([*lines, summary(findings, len(files))])


def _shown(one: Finding, first: Finding) -> list[str]:
    """What a rule says is said once in a file."""
    text = printable(one.text)
    shown = _wrapped(text, "        ") if one.rule == "any-matrices" else ["        " + textwrap.shorten(text, WIDTH - 9, placeholder=" …")]
    lines = [f"  {one.line:>4}  {one.severity}: {one.problem} · {one.rule}", *shown]
    if one is not first:
        return lines
    lines += _wrapped(one.why, "        ")
    lines += _wrapped(f"instead: {', '.join(one.instead)}", "        ") if one.instead else []
    return [*lines, *_wrapped(one.source, "        ")]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def printable(text: str) -> str:
    """Without the characters that steer a terminal or turn the direction of writing."""
    return "".join(char if char.isprintable() else "�" for char in text)


def summary(findings: Sequence[Finding], files: int) -> str:
    count = Counter(one.severity for one in findings)
    return f"{_several(files, 'file')}: {_several(count['error'], 'error')}, {_several(count['warning'], 'warning')}"


def _several(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def as_json(findings: Sequence[Finding], files: Sequence[str]) -> str:
    """One object: the files, the findings, and how many there are of each severity."""
    count = Counter(one.severity for one in findings)
    counts = {severity: count[severity] for severity in ("error", "warning")}
    return json.dumps({"files": list(files), "findings": [asdict(one) for one in findings], "counts": counts}, indent=2)


def github(findings: Sequence[Finding], files: Sequence[str]) -> str:
    """Workflow commands, which GitHub shows at the lines of a pull request."""
    return "\n".join([*(_annotation(one) for one in findings), summary(findings, len(files))])


def _annotation(one: Finding) -> str:
    title = _property(f"{one.problem} ({one.rule})")
    instead = [f"Instead: {', '.join(one.instead)}"] if one.instead else []
    message = _message("\n".join([printable(one.text), one.why, *instead, one.source]))
    return f"::{one.severity} file={_property(one.file)},line={one.line},title={title}::{message}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Callable[[Sequence[Finding], Sequence[str]], str]] = {"human": human, "json": as_json, "github": github}
