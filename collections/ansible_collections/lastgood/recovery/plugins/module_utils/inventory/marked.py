# SPDX-License-Identifier: GPL-3.0-or-later
"""A YAML file that remembers where everything stands. Vaulted values and Ansible's expressions are accepted unread."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.json_schema import Place, Unread
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import yaml
else:
    yaml = library("yaml")

VAULTED = "$ANSIBLE_VAULT"
VAULT_TAGS = ("!vault", "!vault-encrypted")
EXPRESSION = re.compile(r"\{[{%]")


class Expression(Unread):
    """What Ansible works out, as it is written."""

    def __init__(self, text: str) -> None:
        self.text = text


@dataclass
class Marked:
    """C(data) as the file has it, C(lines) where each part of it stands; C(problems) are lines that cannot stand as they are."""

    path: Path
    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """Of that place, or of the nearest around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read(path: Path) -> Marked:
    """The file; whatever it is, it is an answer and no error."""
    marked = Marked(path)
    try:
        text = path.read_text(encoding="utf-8")
        if text.startswith(VAULTED):
            marked.data = Unread()
            return marked
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        try:
            node = loader.get_single_node()
            marked.data = _plain(loader, node, (), marked) if node is not None else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        marked.problems.append((mark.line + 1 if mark else 1, f"is no YAML: {error.problem or error.context}"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        marked.problems.append((1, f"cannot be read: {' '.join(str(error).split())}"))
    return marked


def _plain(loader: Any, node: Any, place: Place, marked: Marked) -> Any:
    marked.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        if node.tag in VAULT_TAGS:
            return Unread()
        if node.tag.startswith("!"):
            return node.value  # !unsafe: text, whatever it looks like
        value = loader.construct_object(node)
        return Expression(value) if isinstance(value, str) and EXPRESSION.search(value) else value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, one, (*place, index), marked) for index, one in enumerate(node.value)]
    _repeated(node, marked)
    loader.flatten_mapping(node)
    result: dict[Any, Any] = {}
    for key, value in node.value:
        name = loader.construct_object(key, deep=True)
        if isinstance(name, dict | list):
            marked.problems.append((key.start_mark.line + 1, "has a name that is no word: quote an expression"))
            continue
        inside = (*place, name if isinstance(name, int) and not isinstance(name, bool) else str(name))
        marked.lines[inside] = key.start_mark.line + 1
        result[name] = _plain(loader, value, inside, marked)
    return result


def _repeated(node: Any, marked: Marked) -> None:
    """YAML lets the last of two equal names win without a word."""
    seen: dict[str, int] = {}
    for key, _value in node.value:
        if isinstance(key, yaml.ScalarNode):
            first = seen.setdefault(key.value, key.start_mark.line + 1)
            if first != key.start_mark.line + 1:
                marked.problems.append((key.start_mark.line + 1, f"says {key.value} twice, first in line {first}; only the last counts"))
