# SPDX-License-Identifier: GPL-3.0-or-later
"""How each scenario is, in the words of a sentence: most are the name of what works or is broken."""
from __future__ import annotations

BROKEN = {
    "backend": "The backend is broken",
    "configuration": "The configuration is wrong",
    "database": "The database is broken",
    "disaster": "Everything is broken",
    "edge": "The edge is broken",
    "feature": "A feature does harm",
    "frontend": "The frontend is broken",
    "migration": "The migrated database is broken",
    "payments": "Payments are broken",
    "performance": "Pages are slow",
    "rollout": "What is rolled out is broken",
    "vulnerability": "A vulnerability is served",
}
WORKS = {
    "backend": "The backend works",
    "configuration": "The configuration works",
    "database": "The database works",
    "disaster": "Everything works",
    "edge": "The edge works",
    "feature": "No harm is seen of the feature",
    "frontend": "The frontend works",
    "migration": "The migrated database works",
    "payments": "Payments work",
    "performance": "Pages are fast enough",
    "rollout": "What is rolled out works",
    "vulnerability": "A vulnerability is served",
}


def state(scenario: str, works: bool) -> str:
    """C(Checkout is broken), C(Payments work)."""
    known = (WORKS if works else BROKEN).get(scenario)
    return known or f"{scenario.capitalize()} {'works' if works else 'is broken'}"
