# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands in a runbook's code, as a shell would take them apart; whatever no shell understands is taken word by word."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.document import Passage
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.runners import ASSIGNMENT, bare

LANGUAGES = {"", "bash", "sh", "shell", "zsh", "console", "terminal", "shell-session", "shellsession"}
LONGEST = 4096
"""Characters of a line that somebody may have typed."""
COMMENTS = 20
"""Lines above a command that are still about it."""
NEAR = 20
"""Lines below within which an open quotation mark has to be closed: elsewhere it is an apostrophe."""
HERE_LINES = 1000
PROMPT = re.compile(r"^\s*[$%]\s+(?=\S)")
PLACEHOLDER = re.compile(r"<([A-Za-z][A-Za-z0-9_. |-]*)>")
HERE = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_]+)\1")
ENDS = {";", "&&", "||", "&", "|", "|&", "(", ")", ";;", "\n"}


@dataclass(frozen=True)
class Command:
    """One command: its program first, without what runs it, and where its input and output are."""

    line: int
    text: str
    words: tuple[str, ...]
    sets: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    piped_in: bool = False
    piped_out: bool = False
    comments: str = ""
    """What stands above it in the same block."""


def commands(passage: Passage) -> list[Command]:
    """Those that the passage tells its reader to type."""
    if passage.kind == "item":
        typed = [command for line, code in passage.typed for command in _commands(line, code, "")]
        return [command for command in typed if len(command.words) > 1]  # a program alone is only mentioned
    if passage.kind != "code" or passage.language not in LANGUAGES:
        return []
    found: list[Command] = []
    comments: list[str] = []
    prompts = any(PROMPT.match(line) for line in passage.lines)
    for number, line in _whole_lines(passage):
        code, comment = _apart(PROMPT.sub("", line))
        comments += [comment] if comment else []
        if code.strip() and (not prompts or PROMPT.match(line)):
            found += _commands(number, code, "\n".join(comments[-COMMENTS:]))
    return found


def _whole_lines(passage: Passage) -> Iterator[tuple[int, str]]:
    """Lines with what continues them; here-documents are no commands."""
    lines = list(passage.numbered())
    index = 0
    while index < len(lines):
        number, line = lines[index]
        index += 1
        while index < len(lines) and len(line) < LONGEST and (quote := "\\" if line.endswith("\\") else _open_quote(line)):
            if quote != "\\" and not any(quote in text for _dummy, text in lines[index : index + NEAR]):
                break
            line = line.removesuffix("\\") + (" " if line.endswith("\\") else "\n") + lines[index][1]
            index += 1
        here = HERE.search(line)
        if here:
            last = next((one for one in range(index, min(index + HERE_LINES, len(lines))) if lines[one][1].strip() == here[2]), None)
            index = index if last is None else last + 1
        if len(line) < LONGEST:
            yield number, line


def _open_quote(line: str) -> str:
    """The quotation mark that is still open at the end of the line's code."""
    quote, escaped, before = "", False, " "
    for char in line:
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"" and not before.isalpha():  # an apostrophe within a word is prose
            quote = char
        elif char == "#" and before.isspace():
            return ""
        before = char
    return quote


def _apart(line: str) -> tuple[str, str]:
    """Code, and the comment behind it."""
    quote, before = "", " "
    for index, char in enumerate(line):
        if quote:
            quote = "" if char == quote and before != "\\" else quote
        elif char in "'\"" and before != "\\":
            quote = char
        elif char == "#" and before.isspace():
            return line[:index], line[index + 1 :].strip()
        before = char
    return line, ""


def _commands(line: int, code: str, comments: str, depth: int = 0) -> Iterator[Command]:
    code = PLACEHOLDER.sub(lambda found: "{" + found[1].replace(" ", "-").replace("|", "-") + "}", code)
    code, inner = _substitutions(code)
    if depth < 4:
        for one in inner:
            yield from _commands(line, one, comments, depth + 1)
    part: list[str] = []
    piped = False
    for token in [*_tokens(code), "\n"]:
        if token not in ENDS:
            part.append(token)
            continue
        if part:
            yield _command(line, part, piped, token in ("|", "|&"), comments)
        piped = token in ("|", "|&")
        part = []


def _tokens(code: str) -> list[str]:
    lexer = shlex.shlex(code, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        return list(lexer)
    except ValueError:  # a quotation mark that nothing closes
        return code.split()


def _substitutions(code: str) -> tuple[str, list[str]]:
    """The code with C($(…)) as one word each, and what is inside."""
    inner: list[str] = []
    kept, index = "", 0
    while index < len(code):
        start = code.find("$(", index)
        if start < 0 or len(inner) > 20:
            break
        depth, end = 0, start + 1
        while end < len(code):
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            end += 1
            if not depth:
                break
        inner.append(code[start + 2 : end - (not depth)])
        kept += code[index:start] + "$SUBSTITUTED"
        index = end
    return kept + code[index:], inner


def _command(line: int, part: list[str], piped_in: bool, piped_out: bool, comments: str) -> Command:
    words: list[str] = []
    reads: list[str] = []
    writes: list[str] = []
    tokens = iter(part)
    for token in tokens:
        if token and set(token) <= set("<>&|") and set(token) & set("<>"):
            errors = bool(words) and words[-1] in ("0", "1", "2") and words.pop() == "2"
            place = next(tokens, "")
            if token.startswith("<<"):
                continue
            if "<" in token:
                reads.append(place)
            elif not errors and not token.endswith("&"):
                writes.append(place)
        else:
            words.append(token)
    sets = []
    while words and ASSIGNMENT.fullmatch(words[0]):
        sets.append(words.pop(0).partition("=")[0])
    if words and words[0] == "export":
        sets += [word.partition("=")[0] for word in words[1:]]
    text = " ".join(part)
    return Command(line, text, tuple(bare(words)), tuple(sets), tuple(reads), tuple(writes), piped_in, piped_out, comments)
