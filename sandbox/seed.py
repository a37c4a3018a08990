"""The history a fresh sandbox starts with: three weeks of releases up to Friday's, which is good."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from sandbox.artifacts import KINDS
from sandbox.render import rollout
from sandbox.render.book import OWNER
from sandbox.state import Row
from sandbox.vercel.aliases import alias_of
from sandbox.vercel.builds import deployment_row

SHOP_DOMAINS = ["shop.rachelfoods.test", "www.rachelfoods.test", "m.rachelfoods.test"]
BACKOFFICE_DOMAINS = ["backoffice.rachelfoods.test"]
_DAY = 86_400_000
_MINUTE = 60_000

# Days before Friday, what became of it, commit message.
_STOREFRONT = [
    (20, "good", "Seasonal landing page"),
    (16, "good", "Smaller product images"),
    (13, "good", "Show delivery slots in the cart"),
    (11, "staged", "Experiment: one-page cart"),
    (9, "good", "Cookie banner wording"),
    (8, "failing-build", "Upgrade the bundler"),
    (5, "preview", "Draft: gift cards"),
    (3, "good", "Remember the delivery address"),
    (0, "good", "Faster checkout form"),
]
_BACKOFFICE = [(18, "good", "Stock report"), (10, "good", "Refund screen"), (2, "good", "Export orders as CSV")]
_API = [
    (20, "good", "Cache the catalogue"),
    (15, "good", "Orders carry a delivery slot"),
    (12, "failing-build", "Upgrade the web framework"),
    (9, "good", "Log order identifiers"),
    (9, "same commit", "Log order identifiers"),
    (6, "crashing", "Read settings at start-up"),
    (0, "good", "Validate postcodes"),
]
_PAYMENTS = [(19, "good", "Card stub answers in cents"), (7, "good", "Idempotency keys for charges")]


def history() -> Row:
    """Both vendors' slices of the state, as they were left on the last Friday afternoon."""
    friday = _last_friday(datetime.now(UTC))
    return {
        "vercel": _vercel(friday),
        "render": _render(friday + _MINUTE),
        "shop": {"token_key": secrets.token_hex(32)},
    }


def _last_friday(now: datetime) -> int:
    """16:04 UTC of the last Friday that is at least three hours ago, in ms."""
    friday = (now - timedelta(days=(now.weekday() - 4) % 7)).replace(hour=16, minute=4, second=11, microsecond=0)
    if now - friday < timedelta(hours=3):
        friday -= timedelta(days=7)
    return int(friday.timestamp() * 1000)


def _vercel(friday: int) -> Row:
    rows: Row = {"projects": {}, "deployments": {}, "aliases": {}}
    for name, domains, releases in (
        ("storefront", SHOP_DOMAINS, _STOREFRONT),
        ("backoffice", BACKOFFICE_DOMAINS, _BACKOFFICE),
    ):
        project = _project(name, domains, friday - 90 * _DAY)
        rows["projects"][project["id"]] = project
        for days, fate, message in releases:
            deployment = _deployment(project, friday - days * _DAY, fate, message)
            rows["deployments"][deployment["id"]] = deployment
            if fate == "good":
                project["served"].append(deployment["id"])
        project["production"] = project["served"][-1]
        current = rows["deployments"][project["production"]]
        rows["aliases"].update({d: alias_of(d, current, project["createdAt"] + n) for n, d in enumerate(domains)})
    return rows


def _project(name: str, domains: list[str], created: int) -> Row:
    return {
        "id": f"prj_{name}",
        "name": name,
        "plan": "pro",
        "domains": domains,
        "createdAt": created,
        "updatedAt": created,
        "paused": False,
        "autoAssignCustomDomains": True,
        "rollbackDescription": None,
        "lastAliasRequest": None,
        "aliasStatus": {},
        "production": None,
        "served": [],
        "env": {},
    }


def _deployment(project: Row, at: int, fate: str, message: str) -> Row:
    kind = fate if fate in KINDS else "good"
    target = None if fate == "preview" else "production"
    row = deployment_row(project, kind=kind, message=message, target=target, source="git", at=at - 2 * _MINUTE)
    row["buildingAt"] = row["createdAt"] + 3_000
    if fate == "failing-build":
        row.update(readyState="ERROR", errorCode="BUILD_FAILED", errorMessage='Command "npm run build" exited with 1')
        return row
    row.update(readyState="READY", ready=at - 4_000)
    if target:
        row["readySubstate"] = "PROMOTED" if fate == "good" else "STAGED"
    if fate == "good":
        row["aliasAssigned"] = at
    return row


def _render(friday: int) -> Row:
    rows: Row = {"services": {}, "deploys": {}, "events": []}
    for name, releases in (("api", _API), ("payments", _PAYMENTS)):
        service = _service(name, friday - 120 * _DAY)
        rows["services"][service["id"]] = service
        mine: list[Row] = []
        for number, (days, fate, message) in enumerate(releases):
            at = friday - days * _DAY + number * 30 * _MINUTE * (fate == "same commit")
            mine.append(_deploy(service, at, fate, message, mine))
        live = [deploy for deploy in mine if deploy["status"] == "deactivated"][-1]
        live["status"] = "live"
        service["head"] = {"commit": live["commit"], "kind": live["kind"]}
        rows["deploys"].update({deploy["id"]: deploy for deploy in mine})
    return rows


def _deploy(service: Row, at: int, fate: str, message: str, earlier: list[Row]) -> Row:
    kind = fate if fate in KINDS else "good"
    commit = {"id": secrets.token_hex(20), "message": message, "createdAt": at - 10 * _MINUTE}
    trigger = "new_commit"
    if fate == "same commit":  # a change of a variable, deployed again: another id for the same artifact
        commit, trigger = earlier[-1]["commit"], "service_updated"
    row = rollout.deploy_record(service, commit=commit, kind=kind, trigger=trigger, at=at - 3 * _MINUTE)
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
        "autoDeployTrigger": "commit",
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
        "env": {"LOG_LEVEL": "info", "CURRENCY": "EUR"},
        "head": None,
    }
