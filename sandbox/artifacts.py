"""Kinds of release that can be shipped, and how what they built behaves once it is served."""

from __future__ import annotations

from dataclasses import dataclass, field

MEMORY, CONNECTIONS = "memory", "connections"


@dataclass(frozen=True)
class Behaviour:
    """How a release of this kind builds, starts and serves."""

    message: str
    builds: bool = True
    build_factor: float = 1.0
    starts: bool = True
    slow: bool = False
    checkout_fails_one_in: int = 0
    leaks: str = ""
    """What each request takes and never gives back, as long as this release serves."""


KINDS = {
    "good": Behaviour("Tidy the product grid"),
    "breaks-checkout": Behaviour("Move checkout to the new form library", checkout_fails_one_in=1),
    "flaky-checkout": Behaviour("Retry payments in the background", checkout_fails_one_in=3),
    "crashing": Behaviour("Read settings at start-up", starts=False),
    "slow": Behaviour("Load recommendations before the page", slow=True),
    "leaks-memory": Behaviour("Remember every visitor", leaks=MEMORY),
    "leaks-connections": Behaviour("Lock the stock while somebody pays", leaks=CONNECTIONS),
    "failing-build": Behaviour("Upgrade the bundler", builds=False),
    "slow-build": Behaviour("Vendor the icon set", build_factor=5.0),
}


@dataclass(frozen=True)
class Serving:
    """What answers at an address right now: a vendor's release, or the reason why there is none."""

    service: str
    release: str = ""
    commit: str = ""
    kind: str = "good"
    unavailable: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    """What this release was configured with."""
    instances: int = 1
    """How many of it share the work."""

    @property
    def behaviour(self) -> Behaviour:
        return KINDS[self.kind]
