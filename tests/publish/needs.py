"""What the collection imports and executes, read from its code."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.publish.tools import COLLECTION

OWN = {"ansible", "ansible_collections", "jinja2", "markupsafe", "yaml"}
"""The collection's, and what comes with ansible-core."""
RUNNERS = {"run", "Popen", "Child", "which"}


def libraries() -> set[str]:
    """The names of third-party packages as they are imported."""
    found = {name.split(".")[0] for tree in _trees() for node in ast.walk(tree) for name in _imported(node)}
    return found - OWN - sys.stdlib_module_names


def programs() -> set[str]:
    """The first words of commands, and those that are looked for by name."""
    return {name for tree in _trees() for node in ast.walk(tree) for name in _named(node) if not name.startswith("-")}


def _trees() -> Iterator[ast.Module]:
    for path in sorted((COLLECTION / "plugins").rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else []
    return _literals(node.args[0]) if isinstance(node, ast.Call) and _name(node) == "library" else []


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Call) and _name(node) == "program" and node.args:
        return _literals(node.args[0])
    if isinstance(node, ast.Call) and _name(node) in RUNNERS and node.args:
        first = node.args[0]
        return _literals(first.elts[0] if isinstance(first, ast.List) and first.elts else first)
    if isinstance(node, (ast.Assign, ast.Return)):  # the first words of a command that is put together before
        lists = [one for one in ast.walk(node) if isinstance(one, ast.List) and len(one.elts) > 1]
        return [word for one in lists for word in _literals(one.elts[0]) if _is_command(one)]
    defaults = [default for option, value in _pairs(node) if option == "command" for name, default in _pairs(value) if name == "default"]
    return [text.split()[0] for default in defaults for text in _literals(default) if text]


def _pairs(node: ast.AST) -> list[tuple[str, ast.expr]]:
    if not isinstance(node, ast.Dict):
        return []
    return [(str(key.value), value) for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)]


def _is_command(words: ast.List) -> bool:
    return any(isinstance(word, ast.Constant) and str(word.value).startswith("-") for word in words.elts[1:])


def _literals(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
