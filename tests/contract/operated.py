"""Every vendor whose services can be stopped, scaled or kept closed: adding one is adding a line to OPERATED."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import heroku_service, railway_service, render_service, vercel_project


@dataclass(frozen=True)
class Operated:
    """A service module, and what is known of the target that the sandbox seeds at that vendor."""

    vendor: str
    module: ModuleType
    instances: str = ""
    """The process type that can be counted; empty when there is nothing to count."""
    seeded: int = 0
    """How many of it run on a fresh sandbox."""
    restarts: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    """What the module needs for a maintenance page beside what every module of the vendor needs."""
    closed: str = "MAINTENANCE"
    """Why the address does not answer while visitors are kept out; empty when the site itself decides what it shows."""

    def __str__(self) -> str:
        return self.vendor


OPERATED = [
    Operated("vercel", vercel_project, restarts=False, options={"edge_config": "ecfg_sandboxshop"}, closed=""),
    Operated("render", render_service, instances="service", seeded=2),
    Operated("heroku", heroku_service, instances="web", seeded=2),
    Operated("railway", railway_service, instances="service", seeded=2, closed="BLOCKED_AT_THE_EDGE"),
]
