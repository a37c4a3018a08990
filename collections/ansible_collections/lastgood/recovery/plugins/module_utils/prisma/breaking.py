# SPDX-License-Identifier: GPL-3.0-or-later
"""Can code from before a migration live with the schema after it? Told from the SQL alone; None where that does not tell."""
from __future__ import annotations

from itertools import pairwise

from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.script import Script

Words = list[str]
GONE = {"table", "view", "schema", "type", "function", "sequence", "materialized", "domain"}
ADDED = {"table", "index", "view", "type", "sequence", "schema", "extension", "function"}
HARMLESS = {"comment", "set", "analyze", "insert", "grant", "reset"}


def breaks(text: str) -> bool | None:
    """True when a statement takes away or tightens what the code before may use; None when one is not understood; else False."""
    script = Script(text)
    told = [_breaks(words) for words in script.statements]
    if any(told):
        return True
    return None if script.dynamic or None in told else False


def _breaks(words: Words) -> bool | None:
    first, plain = words[0], [word for word in words if not word.startswith('"')]
    if first == "drop":
        return True if GONE & set(plain[1:3]) else False if "index" in plain[1:3] else None
    if first == "create":
        return None if "unique" in plain[1:3] else False if ADDED & set(plain[1:4]) else None
    if first == "alter" and plain[1:2] == ["table"]:
        return _alters(words, plain)
    if first == "alter" and plain[1:2] == ["type"]:
        return False if ("add", "value") in set(pairwise(plain)) else True if "rename" in plain else None
    return False if first in HARMLESS else None


def _alters(words: Words, plain: Words) -> bool | None:
    pairs = set(pairwise(plain))
    dropped = {after for word, after in pairwise(words) if word == "drop"} - {"constraint", "default", "not", "identity", "expression"}
    if "rename" in plain or dropped or ("set", "not") in pairs or "type" in plain:
        return True
    added = ("add", "column") in pairs
    if added and ("not", "null") in pairs and "default" not in plain:
        return True
    if added:
        # More than one action in a statement: a default of one column says nothing of another.
        several = plain.count("add") > 1
        return None if "constraint" in plain or "unique" in plain or ("null" in plain and several) else False
    loosened = ("drop", "constraint"), ("drop", "default"), ("drop", "not"), ("set", "default")
    return False if any(pair in pairs for pair in loosened) and "add" not in plain else None
