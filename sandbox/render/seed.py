"""The shop's two services, as they were left on the last Friday."""

from __future__ import annotations

import secrets

from sandbox.artifacts import KINDS
from sandbox.clock import DAY, MINUTE
from sandbox.render import databases, rollout
from sandbox.render.book import OWNER
from sandbox.state import Row

# Days before Friday, what became of it, commit message.
_API = [
    (20, "good", "Cache the catalogue"),
    (15, "good", "Orders carry a delivery slot"),
    (12, "failing-build", "Upgrade the web framework"),
    (9, "good", "Log order identifiers"),
    (9, "same commit", "Log order identifiers"),
    (6, "crashing", "Read settings at start-up"),
    (0, "good", "Validate postcodes"),
]
_OWN = {
    "api": {"DATABASE_URL": "postgresql://shop:pw-dpg-shop-a@dpg-shop-a/shop", "PAYMENTS_URL": "http://payments:10000"},
}
_PAYMENTS = [(19, "good", "Card stub answers in cents"), (7, "good", "Idempotency keys for charges")]


def history(friday: int) -> Row:
    friday += MINUTE
    rows: Row = {"services": {}, "deploys": {}, "events": [], "databases": _databases(friday)}
    for name, releases in (("api", _API), ("payments", _PAYMENTS)):
        service = _service(name, friday - 120 * DAY)
        rows["services"][service["id"]] = service
        mine: list[Row] = []
        for number, (days, fate, message) in enumerate(releases):
            at = friday - days * DAY + number * 30 * MINUTE * (fate == "same commit")
            mine.append(_deploy(service, at, fate, message, mine))
        live = [deploy for deploy in mine if deploy["status"] == "deactivated"][-1]
        live["status"] = "live"
        service["head"] = {"commit": live["commit"], "kind": live["kind"]}
        rows["deploys"].update({deploy["id"]: deploy for deploy in mine})
    return rows


def _databases(friday: int) -> Row:
    """The shop's, and one on the free plan, which cannot be taken back."""
    made = [
        databases.instance("dpg-shop-a", "shop-database", "pro_4gb", friday - 120 * DAY),
        databases.instance("dpg-trial-a", "trial-database", "free", friday - 20 * DAY),
    ]
    return {row["id"]: row for row in made}


def _deploy(service: Row, at: int, fate: str, message: str, earlier: list[Row]) -> Row:
    kind = fate if fate in KINDS else "good"
    commit = {"id": secrets.token_hex(20), "message": message, "createdAt": at - 10 * MINUTE}
    trigger = "new_commit"
    if fate == "same commit":  # a change of a variable, deployed again: another id for the same artifact
        commit, trigger = earlier[-1]["commit"], "service_updated"
    row = rollout.deploy_record(service, commit=commit, kind=kind, trigger=trigger, at=at - 3 * MINUTE)
    ends = {"failing-build": "build_failed", "crashing": "update_failed"}
    status = ends.get(kind, "deactivated")
    started = row["createdAt"] + 2_000
    row.update(status=status, startedAt=started, finishedAt=at, updatedAt=at, artifact=kind != "failing-build")
    return row


def _service(name: str, created: int) -> Row:
    return {
        "id": f"srv-{name}",
        "name": name,
        "slug": name,
        "type": "web_service",
        "ownerId": OWNER["id"],
        "autoDeploy": "yes",
        "autoDeployTrigger": "checksPass" if name == "api" else "commit",
        "branch": "main",
        "buildFilter": {"paths": [f"{name}/**"], "ignoredPaths": []},
        "createdAt": created,
        "updatedAt": created,
        "dashboardUrl": f"https://dashboard.render.com/web/srv-{name}",
        "notifyOnFail": "default",
        "repo": f"https://github.com/lastgood/{name}",
        "rootDir": "",
        "suspended": "not_suspended",
        "suspenders": [],
        "serviceDetails": {
            "buildPlan": "starter",
            "env": "node",
            "envSpecificDetails": {"buildCommand": "npm ci", "preDeployCommand": "", "startCommand": "npm start"},
            "healthCheckPath": "/health",
            "maintenanceMode": {"enabled": False, "uri": ""},
            "numInstances": 2,
            "openPorts": [{"port": 10000, "protocol": "TCP"}],
            "plan": "standard",
            "previews": {"generation": "off"},
            "pullRequestPreviewsEnabled": "no",
            "region": "frankfurt",
            "runtime": "node",
            "sshAddress": f"srv-{name}@ssh.frankfurt.render.com",
            "url": f"https://{name}.onrender.com",
        },
        "plan": "pro",
        "env": {"LOG_LEVEL": "info", "CURRENCY": "EUR", **_OWN.get(name, {})},
        "head": None,
    }
