"""Vendors of feature flags: what an API accepts is read from elsewhere by SDKs, a little later."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from sandbox.emulator import Call
from sandbox.no_releases import NoReleases
from sandbox.state import Row


class FlagVendor(NoReleases):
    """A vendor without releases; `fail` makes its next changes conflict, `stuck` keeps them from its SDKs."""

    served = ()
    limits: ClassVar = {"read": (600, 60.0), "write": (60, 60.0), "sdk": (6000, 60.0)}
    latencies: ClassVar = {"http": 0.0, "deliver": 1.0}

    @property
    def rows(self) -> Row:
        rows: Row = self.state.data[self.name]
        return rows

    @staticmethod
    @abstractmethod
    def is_sdk(call: Call) -> bool:
        """Whether this is an application's SDK, which has a credential and limits of its own."""

    def bucket_name(self, call: Call) -> str:
        if self.is_sdk(call):
            return "sdk"
        return "read" if call.method == "GET" else "write"

    def deliver(self, place: str) -> None:
        """Let SDKs get, after the vendor's latency, what this place has by then."""
        self.state.later(self.state.latency(f"{self.name}.deliver"), f"{self.name}.deliver", place)

    def targets(self) -> list[str]:
        return [self.name]
