# SPDX-License-Identifier: GPL-3.0-or-later
"""Which table's rows point at which, and so the order in which they can be written: parents first."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused


@dataclass(frozen=True)
class Edge:
    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    deferrable: bool = False
    enforced: bool = True
    """Whether the database has a foreign key for it; where only the inventory knows, any order will do."""


@dataclass(frozen=True)
class Order:
    tables: list[str]
    later: list[Edge]
    """Those that close a circle: their columns are written empty first, and filled when all tables are through."""


def with_ancestors(tables: Iterable[str], edges: list[Edge]) -> set[str]:
    """The tables and everything that their rows can point at: whether a parent is the right one is seen only by looking at it."""
    found = set(tables)
    while more := {edge.parent for edge in edges if edge.child in found} - found:
        found |= more
    return found


def ordered(tables: Iterable[str], edges: list[Edge], nullable: dict[str, set[str]]) -> Order:
    """Refused when a circle can be opened nowhere."""
    left = set(tables)
    binding = [edge for edge in edges if edge.enforced and edge.child in left and edge.parent in left and edge.child != edge.parent]
    order, later = [], []
    while left:
        waiting = {name: [edge for edge in binding if edge.child == name and edge.parent in left] for name in sorted(left)}
        ready = [name for name, for_others in waiting.items() if not for_others]
        if not ready:
            first = next((name for name, blocking in waiting.items() if all(_opens(edge, nullable) for edge in blocking)), None)
            if first is None:
                raise Refused(
                    f"{', '.join(sorted(left)[:5])} point at each other in a circle that cannot be opened",
                    "Make one of their foreign keys DEFERRABLE, or leave one of the tables out.",
                )
            later += [edge for edge in waiting[first] if not edge.deferrable]
            ready = [first]
        order += ready
        left -= set(ready)
    return Order(order, later)


def _opens(edge: Edge, nullable: dict[str, set[str]]) -> bool:
    return edge.deferrable or bool(set(edge.columns) & nullable.get(edge.child, set()))
