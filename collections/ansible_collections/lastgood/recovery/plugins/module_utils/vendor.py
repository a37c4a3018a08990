# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor as its modules see it: the options that reach a target there, and what can be done with it."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotOffered, OutOfReach
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.readable import Readable

Connect = Callable[[Options, Run], Any]

REACH: dict[str, Any] = {"reach": {"type": "dict"}}


class Reached(Protocol):
    """Whatever a module can be built for: one vendor, or the one that the inventory names."""

    def arguments_of(self, part: str) -> dict[str, Any]:
        """Options as in C(argument_spec) that say where the target is and who asks, and what that part needs beside them."""

    def connect(self, part: str, options: Options, run: Run) -> Any:
        """That part of the vendor, for the target of these options."""


@dataclass(frozen=True)
class Vendor:
    """C(parts) are the vendor's classes by what they do: C(releases), C(variables), C(service), C(cache), C(logs)."""

    name: str
    """As inventories write it."""
    place: str
    """The option that names the target, or several joined by a slash: their values, joined alike, have to be within reach."""
    options: dict[str, Any]
    parts: dict[str, Connect]
    written: Callable[[str], str] = str
    """The target as reach and messages write it, without anything secret in it."""
    also: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Options that only one part takes."""

    def arguments_of(self, part: str) -> dict[str, Any]:
        return {**self.options, **self.also.get(part, {}), **REACH}

    def connect(self, part: str, options: Options, run: Run) -> Any:
        """Raises NotOffered before any call when the vendor cannot do it or the inventory does not allow this target."""
        if part not in self.parts:
            raise NotOffered(f"{self.name} has no {part} that could be changed", f"It can: {', '.join(self.parts)}.")
        within_reach(self.name, self.written("/".join(str(options[name]) for name in self.place.split("/"))), options["reach"])
        return Readable(self.name, self.parts[part], options, run)


def within_reach(vendor: str, place: str, reach: dict[str, list[str]] | None) -> None:
    """OutOfReach unless the target is in the list for its vendor; without any list everything the token may do is allowed."""
    if reach is not None and place not in reach.get(vendor, []):
        raise OutOfReach(
            f"{place} at {vendor} is not within the reach of this inventory",
            f"Correct the target, or add it to reach.{vendor} in the inventory.",
        )
