"""Every vendor whose databases can be taken back: adding one is adding a line to DATABASES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import neon_branch

from sandbox.testing import Box


@dataclass(frozen=True)
class Database:
    """A module of a managed database, how it reaches the sandbox, and what the sandbox calls the same thing."""

    name: str
    module: ModuleType
    options: Callable[[Box], dict[str, Any]]
    secret: str
    """The option whose value nobody may see."""
    target: str
    """As the sandbox's controls `fail` and `stuck` name it."""
    real: str
    """The real database behind the one that serves on a fresh sandbox."""
    serves: Callable[[Box], str]
    """The address of the database that applications get now."""
    too_early: str = "2020-01-01T00:00:00Z"
    """A moment that nothing goes back to."""

    def __str__(self) -> str:
        return self.name


def _neon_serves(box: Box) -> str:
    """The address of a branch stays: it is that of its endpoint."""
    rows = box.state()
    name: str = rows["neon"]["branches"]["br-shop-main"]["real"]
    return f"{rows['settings']['databases'].rpartition('/')[0]}/{name}"


DATABASES = [
    Database(
        name="neon",
        module=neon_branch,
        options=lambda box: {
            "api_url": f"{box.vendor_url('neon')}/api/v2",
            "api_key": "sandbox-neon-key",
            "project": "calm-shop-630245",
            "database": "shop",
            "role": "shop",
        },
        secret="api_key",
        target="shop-database",
        real="br-shop-main",
        serves=_neon_serves,
    ),
]
