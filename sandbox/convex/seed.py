"""The deployment `bookings`, as it was left on the last Friday."""

from __future__ import annotations

from sandbox.clock import DAY, MINUTE, iso
from sandbox.convex import repository
from sandbox.convex.book import NOTE
from sandbox.state import Row

# Days before Friday, commit message.
_COMMITS = [
    (18, "Tables for two and for six"),
    (11, "Guests may cancel"),
    (4, "Remind guests a day before"),
    (0, "Classes can be booked"),
]


def history(friday: int) -> Row:
    friday += 2 * MINUTE
    commits: list[Row] = [
        {"number": number, "kind": "good", "message": message, "at": (friday - days * DAY) // 1000 * 1000}
        for number, (days, message) in enumerate(_COMMITS, 1)
    ]
    repository.named(commits)
    served = commits[-1]
    deployed = served["at"] + MINUTE
    note = f"{served['id']} {iso(deployed)}"
    events = [("push_config_with_components", {}, -1000), ("update_environment_variable", {"variable_name": NOTE}, 0)]
    audit = [
        {
            "actor": {"kind": "token", "token_id": 0},
            "action": action,
            "createTime": deployed + offset,
            "metadata": metadata,
            "clientIp": None,
            "clientUserAgent": None,
        }
        for action, metadata, offset in events
    ]
    return {
        "commits": commits,
        "deployment": {
            "name": "bookings",
            "plan": "pro",
            "env": {"CURRENCY": "EUR", NOTE: note},
            "audit": audit,
            "paused": False,
            "serving": served["number"],
            "modules": [],
            "pushes": {},
            "tables": _tables(friday),
            "export": None,
            "imports": {},
            "outgrown": [],  # numbers of the releases whose schema the data has outgrown
        },
    }


def _tables(friday: int) -> Row:
    """What guests have booked."""
    opened = friday - 18 * DAY
    rooms = [{"_id": f"t{number}", "_creationTime": opened + number + 0.5, "seats": seats} for number, seats in enumerate((2, 2, 6))]
    booked = [{"_id": f"b{number}", "_creationTime": friday - number * DAY + 0.25, "table": f"t{number % 3}"} for number in range(6)]
    return {"tables": rooms, "bookings": booked}
