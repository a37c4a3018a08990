"""How definitions are written: in the form of infra.aap_configuration, and so that a change of one question is one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

HEAD = """---
# Written by scripts/awx from scenarios.yml, vendors.yml and settings.yml, in the form of infra.aap_configuration. apply.yml applies it.
"""
Row = dict[str, Any]


class Unsafe(str):
    """What AWX, not Ansible, reads as a template."""


class Line(dict[str, Any]):
    """A mapping that is written on one line."""


class Names(list[str]):
    """A list that is written on one line."""


class Indented(yaml.SafeDumper):
    """Lists are indented below their key, and nothing is an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


Indented.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", text, style="'"))
Indented.add_representer(Line, lambda dumper, row: dumper.represent_mapping("tag:yaml.org,2002:map", row, flow_style=True))
Indented.add_representer(Names, lambda dumper, names: dumper.represent_sequence("tag:yaml.org,2002:seq", names, flow_style=True))


def written(content: Mapping[str, Any]) -> str:
    text = yaml.dump(content, Dumper=Indented, sort_keys=False, allow_unicode=True, width=120)
    return f"{HEAD}{text}"
