"""Every vendor whose variables can be put back: adding one is adding a line to CONFIGURED."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from ansible_collections.lastgood.recovery.plugins.modules import (
    heroku_variables,
    netlify_variables,
    railway_variables,
    render_variables,
    vercel_variables,
)


@dataclass(frozen=True)
class Configured:
    """A variables module, and what is known of the target that the sandbox seeds at that vendor."""

    vendor: str
    module: ModuleType
    hidden: str = ""
    """A seeded variable that the vendor does not show."""
    managed: str = ""
    """A seeded variable that only an add-on can change."""
    deploys_itself: bool = False
    """Writing a variable starts a release without being asked."""
    tells_age: bool = True
    """The vendor tells whether what serves is older than the last change of a variable."""
    history: bool = False
    """The vendor knows how variables were at an earlier moment."""

    builds_only_the_newest_push: bool = False
    """Older code cannot be built again, so while it serves nothing is deployed."""

    def __str__(self) -> str:
        return self.vendor


CONFIGURED = [
    Configured("vercel", vercel_variables, hidden="PAYMENT_KEY"),
    Configured("render", render_variables, tells_age=False),
    Configured("heroku", heroku_variables, managed="DATABASE_URL", deploys_itself=True, history=True),
    Configured("railway", railway_variables, hidden="SUPPLIER_KEY", history=True),
    Configured("netlify", netlify_variables, hidden="SEARCH_KEY", builds_only_the_newest_push=True),
]
