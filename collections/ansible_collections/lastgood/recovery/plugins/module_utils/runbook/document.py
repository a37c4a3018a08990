# SPDX-License-Identifier: GPL-3.0-or-later
"""A runbook as its reader sees it: passages of Markdown with the lines they stand on, and what its authors want ignored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import markdown_it
else:
    markdown_it = library("markdown_it")

LARGEST = 500_000
"""Bytes. The longest runbook that is known has a twentieth of it."""
IGNORE = re.compile(r"(?:#|<!--|//)\s*lastgood:\s*ignore\s+([a-z0-9][a-z0-9, -]*?)\s*(?:-->|$)")
TO_TYPE = re.compile(r"(?i)\b(run|execute|type|enter|issue|use|with|via)\b[^`.;]{0,30}$|^[\s\d.]*(\*\*[^*]*\*\*)?[\s:]*$")
NEGATED = re.compile(r"(?i)\b(do not|don\Wt|not|never|no|avoid|instead of|rather than|without)\b")
Row = tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """A heading, paragraph, list item, code block or table; C(line) is where its first line of content stands, from 1."""

    kind: str
    line: int
    lines: tuple[str, ...]
    headings: tuple[str, ...]
    language: str = ""
    rows: tuple[tuple[int, Row], ...] = ()
    """Of a table, with the lines they stand on; the first is the head."""
    typed: tuple[tuple[int, str], ...] = ()
    """Code inside a list item that the reader is told to type."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def numbered(self) -> Iterator[tuple[int, str]]:
        return enumerate(self.lines, self.line)


@dataclass(frozen=True)
class Runbook:
    name: str
    passages: tuple[Passage, ...]
    ignored: tuple[tuple[str, int, int], ...]
    """Rules that are to be ignored, from one line to another."""

    def ignores(self, rule: str, line: int) -> bool:
        return any(rule == one and (not line or first <= line <= last) for one, first, last in self.ignored)


def read(path: str) -> Runbook:
    """The runbook in that file; Refused when that is no text."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise Refused(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}", "Give the path of a Markdown file.") from None
    if len(content) > LARGEST:
        raise Refused(f"{path} has more than {LARGEST // 1000} kB", "A runbook is text that somebody can read; split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{path} is no text in UTF-8", "Save it as UTF-8.") from None
    if "\0" in text:
        raise Refused(f"{path} is no text: it has zero bytes", "Give the path of a Markdown file.")
    if not text.strip():
        raise Refused(f"{path} is empty", "There is nothing to judge.")
    return parsed(path, text)


def parsed(name: str, text: str) -> Runbook:
    """The runbook that this Markdown is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    passages = tuple(_passages(_reader().parse(text)))
    return Runbook(name, passages, tuple(_ignored(text.split("\n"), passages)))


def _reader() -> Any:
    """Only what splits a text into blocks, and code within lines: the rest says nothing about commands."""
    return (
        markdown_it.MarkdownIt("commonmark")
        .enable("table")
        .disable(["emphasis", "link", "image", "autolink", "html_inline", "entity", "reference"])
    )


def _passages(tokens: list[Any]) -> Iterator[Passage]:
    chain: list[tuple[int, str]] = []
    rows: list[tuple[int, Row]] = []
    items = line = 0
    for index, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else line
        headings = tuple(text for _dummy, text in chain)
        if token.type in ("list_item_open", "list_item_close"):
            items += token.nesting
        elif token.type in ("fence", "code_block"):
            first = line + (token.type == "fence")
            language = (token.info.split() or [""])[0].lower()
            yield Passage("code", first, tuple(token.content.removesuffix("\n").split("\n")), headings, language)
        elif token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append((line, ()))
        elif token.type == "table_close" and rows:
            yield Passage("table", rows[0][0], tuple(" | ".join(row) for _dummy, row in rows), headings, rows=tuple(rows))
            rows = []
        elif token.type == "inline":
            before = tokens[index - 1].type
            if before in ("th_open", "td_open"):
                rows[-1] = (rows[-1][0], (*rows[-1][1], token.content))
            elif before == "heading_open":
                level = int(tokens[index - 1].tag[1:])
                above = [one for one in chain if one[0] < level]
                chain = [*above, (level, token.content)]
                yield Passage("heading", line, tuple(token.content.split("\n")), tuple(text for _dummy, text in above))
            else:
                typed = tuple(_typed(token, line)) if items else ()
                yield Passage("item" if items else "text", line, tuple(token.content.split("\n")), headings, typed=typed)


def _typed(token: Any, line: int) -> Iterator[tuple[int, str]]:
    before = ""
    for child in token.children or []:
        if child.type in ("softbreak", "hardbreak"):
            line, before = line + 1, ""
        elif child.type == "code_inline" and TO_TYPE.search(before) and not NEGATED.search(before):
            yield line, child.content
        before += child.content


def _ignored(lines: list[str], passages: tuple[Passage, ...]) -> Iterator[tuple[str, int, int]]:
    """A directive counts for its line; one that has a line to itself, for the next one, and above a block for all of that."""
    for number, line in enumerate(lines, 1):
        found = IGNORE.search(line) if len(line) < 1000 else None
        if not found:
            continue
        last = number
        if not line[: found.start()].strip():
            last = next((later for later in range(number + 1, len(lines) + 1) if lines[later - 1].strip()), number)
            if line.lstrip().startswith("<!--"):
                block = next((one for one in passages if one.line > number and one.kind != "heading"), None)
                last = max(last, block.line + len(block.lines) - 1) if block and block.line <= last + 1 else last
        yield from ((rule, number, last) for rule in re.split(r"[ ,]+", found[1].strip()))
