"""A vendor with targets of a kind that has no releases, or with none."""

from __future__ import annotations

from sandbox.artifacts import Serving
from sandbox.emulator import Emulator
from sandbox.state import Row


class NoReleases(Emulator):
    """Its targets cannot be shipped to, and serve nothing."""

    def ship(self, target: str, kind: str, message: str) -> Row:
        raise KeyError(target)

    def expire(self, target: str, release: str) -> None:
        raise KeyError(target)

    def set_plan(self, target: str, plan: str) -> None:
        raise KeyError(target)

    def serving(self, address: str) -> Serving:
        raise KeyError(address)
