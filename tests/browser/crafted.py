"""A crafted incident with its journal: two storefronts go back at once, the first run dies, the second finishes."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

AEDT = timezone(timedelta(hours=11), "AEDT")
OPENED = datetime(2026, 11, 22, 2, 41, 5, 120000, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 2, 42, 0, tzinfo=UTC).astimezone(AEDT)


def at(seconds: float) -> str:
    """The time so many seconds after the incident was opened, as the journal writes it."""
    return (OPENED + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def incident(**more: Any) -> dict[str, Any]:
    """incident.yml as its reader gives it."""
    return {
        "id": "2026-11-22-checkout", "environment": "sandbox", "environment_title": "SANDBOX · RachelFoods",
        "scenario": "checkout", "severity": "P1", "reason": "orders fail since the 02:38 deploy", "lead": "maria",
        "opened_at": OPENED, "bad_at": "2026-11-22T02:38:00Z", "good_at": "2026-11-22T02:37:58Z", "rto": 900,
        "state": "rolled_back", "next_steps": ["Make it final: ansible-playbook playbooks/commit.yml",
                                               "Take it back: ansible-playbook playbooks/undo.yml"], **more,
    }


def release(name: str, commit: str, title: str, created: str) -> dict[str, str]:
    """A release as plan and results carry it."""
    return {"id": name, "artifact": commit * 8, "created_at": created, "live_from": created, "title": title}


BAD_SHOP = release("dpl_9f2YqKd8mWc3TzRb5nVx1HsLpA4G", "c0ffe", "Faster checkout", "2026-11-22T02:37:58.000Z")
GOOD_SHOP = release("dpl_7c1BvNe6jXa9UoQf2kSt8MwZrD3H", "4be11", "Friday: new catalogue", "2026-11-20T16:04:10.000Z")
BAD_API = release("dep-d0k1v7q3u76c73b0bad0", "badf0", "Faster checkout", "2026-11-22T02:39:11.000Z")
GOOD_API = release("dep-cz8q5jm4u76c73c0good", "600d0", "Friday: new catalogue", "2026-11-20T16:05:44.000Z")


def planned(target: str, tier: str, bad: dict[str, str], good: dict[str, str], **more: Any) -> dict[str, Any]:
    """One target's row of the plan."""
    return {"target": target, "tier": tier, "from": bad, "to": good, "changes": True, "only_if": "",
            "why": "newest good one that served before 02:38", "comes_back": ["code", "build-time variables"],
            "stays": ["project variables", "database", "uploads"], **more}


def checked(seconds: float, phase: str, checkout: str) -> dict[str, Any]:
    """One look at four flows, of which checkout may fail."""
    flows = {"home page": "OK", "log in": "OK", "catalogue": "OK", "checkout": checkout}
    checks = [{"name": name, "verdict": verdict, "expected": "status 201", "seconds": 0.8,
               "got": "status 201" if verdict == "OK" else "status 500"} for name, verdict in flows.items()]
    return {"at": at(seconds), "event": "checked", "phase": phase, "verdict": checkout, "checks": checks}


def began(seconds: float, target: str, task: str, run: str) -> dict[str, Any]:
    """An intent."""
    return {"at": at(seconds), "event": "intent", "task": task, "target": target, "run": run}


def ended(seconds: float, target: str, task: str, run: str, status: str, took: float, **more: Any) -> dict[str, Any]:
    """A result."""
    return {"at": at(seconds), "event": "result", "task": task, "target": target, "run": run, "status": status,
            "seconds": took, "summary": f"{target}: {status}", **more}


def journal() -> list[dict[str, Any]]:
    """The journal of an incident whose first run is killed while the backoffice settles."""
    back = "Roll the frontends back"
    patch = {"target": "backoffice", "method": "POST", "path": "/v9/projects/prj_backoffice/rollback/dpl_7c1"}
    return [
        {"at": at(0), "event": "opened", "run": "r1", "by": "maria"},
        checked(1.1, "before", "BAD"),
        {"at": at(1.3), "event": "plan", "targets": [
            planned("storefront", "frontend", BAD_SHOP, GOOD_SHOP), planned("backoffice", "frontend", BAD_SHOP, GOOD_SHOP),
            planned("api", "backend", BAD_API, GOOD_API, only_if="checkout stays broken"),
            planned("payments", "backend", GOOD_API, GOOD_API, changes=False, why="serves that release already", stays=[])]},
        {"at": at(7.4), "event": "confirmed", "by": "maria", "how": "typed"},
        {"at": at(7.5), "event": "lock_taken", "holder": "maria@laptop"},
        began(7.6, "storefront", back, "r1"),
        began(7.7, "backoffice", back, "r1"),
        {"at": at(7.8), "event": "call", **patch},
        ended(12.9, "storefront", back, "r1", "changed", 5.3, **{"from": BAD_SHOP, "to": GOOD_SHOP, "held": True}),
        {"at": at(18.0), "event": "resumed", "run": "r2", "by": "li"},
        began(18.3, "storefront", back, "r2"),
        began(18.3, "backoffice", back, "r2"),
        ended(18.5, "storefront", back, "r2", "ok", 0.2, to=GOOD_SHOP, held=True),
        {"at": at(18.6), "event": "call", **patch},
        {"at": at(18.7), "event": "answer", **patch, "status": 201, "seconds": 0.1},
        ended(23.8, "backoffice", back, "r2", "changed", 5.5, **{"from": BAD_SHOP, "to": GOOD_SHOP, "held": True}),
        checked(24.9, "after frontend", "OK"),
        {"at": at(25.0), "event": "verdict", "verdict": "RESTORED", "reason": "4 of 4 flows pass, they were 3 of 4"},
        {"at": at(25.1), "event": "lock_released", "holder": "li@desk"},
        {"at": at(25.2), "event": "closed"},
    ]
