# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be told from the SQL of a migration without running it. Where it is not sure, it says the worse."""
from __future__ import annotations

import re
from itertools import pairwise

TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<body>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<text>[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*')"""
    r"""|"(?P<quoted>(?:[^"]|"")+)"|(?P<word>[A-Za-z_\x80-\uffff][\w$]*)|(?P<end>;)""",
    re.DOTALL,
)
CONTROL = {"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "prepare"}
ALONE = {"concurrently", "vacuum", "tablespace", "subscription"}
"""What PostgreSQL runs outside of a transaction only."""
CHANGES = {"truncate", "delete", "update", "merge", "execute"}
RUNS = {"do", "call", "select", "with"}
"""Statements that may hold another."""


class Script:
    """A script in lower case words; strings and comments are none."""

    def __init__(self, text: str) -> None:
        self.statements: list[list[str]] = [[]]
        self.names: set[str] = set()
        """Every name in it, as the catalogue has it."""
        self.dynamic = False
        """Whether it makes up statements as it runs."""
        for found in TOKEN.finditer(text):
            if found["end"]:
                self.statements.append([])
            elif found["word"]:
                self.statements[-1].append(found["word"].lower())
                self.names.add(found["word"].lower())
            elif found["quoted"]:
                self.names.add(found["quoted"].replace('""', '"'))
                self.statements[-1].append(f'"{found["quoted"]}"')
            elif found["body"]:
                inner = Script(found["body"].strip("$").removeprefix(found["tag"]).removesuffix(found["tag"]))
                self.names |= inner.names
                self.dynamic |= inner.dynamic or "execute" in inner.names
                self.statements[-1] += [word for statement in inner.statements for word in statement if word in CHANGES]
        self.statements = [words for words in self.statements if words]

    @property
    def atomic(self) -> bool:
        """Whether, sent as one message, it takes effect as a whole or not at all."""
        return not any(words[0] in CONTROL or ALONE & set(words) for words in self.statements)

    @property
    def destroys(self) -> list[str]:
        """What in it changes or drops rows or columns, which no reverse script brings back, in words."""
        found = [self._destroys(words) for words in self.statements]
        return [words for words in found if words]

    @staticmethod
    def _destroys(words: list[str]) -> str:
        first, plain, pairs = words[0], {word for word in words if not word.startswith('"')}, set(pairwise(words))
        changed = first in CHANGES or (first in RUNS and CHANGES & plain) or (first == "insert" and ("do", "update") in pairs)
        harmless = {("drop", kept) for kept in ("constraint", "default", "not", "identity", "expression")}
        dropped = first == "alter" and "table" in plain and any(pair[0] == "drop" and pair not in harmless for pair in pairs)
        retyped = first == "alter" and {"table", "type"} <= plain
        gone = first == "drop" and plain & {"table", "schema", "owned"}
        return " ".join(word.strip('"') for word in words[:6]) if changed or dropped or retyped or gone else ""


def touches(scripts: list[str], tables: list[str]) -> list[str]:
    """Which of the tables (C(schema.name)) a script may have changed: each that it has the name of, and all when it makes up statements."""
    read = [Script(text) for text in scripts]
    if any(script.dynamic for script in read):
        return tables
    names: set[str] = set().union(*(script.names for script in read))
    return [table for table in tables if table.partition(".")[2] in names]
