"""The shop's two frontends, as they were left on the last Friday."""

from __future__ import annotations

from sandbox.artifacts import KINDS
from sandbox.clock import DAY, MINUTE
from sandbox.state import Row
from sandbox.vercel import edge_config
from sandbox.vercel.aliases import alias_of
from sandbox.vercel.book import USER
from sandbox.vercel.builds import deployment_row

SHOP_DOMAINS = ["shop.rachelfoods.test", "www.rachelfoods.test", "m.rachelfoods.test"]
BACKOFFICE_DOMAINS = ["backoffice.rachelfoods.test"]

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


def history(friday: int) -> Row:
    rows: Row = {"projects": {}, "deployments": {}, "aliases": {}, "edgeConfigs": edge_config.history(friday)}
    for name, domains, releases in (
        ("storefront", SHOP_DOMAINS, _STOREFRONT),
        ("backoffice", BACKOFFICE_DOMAINS, _BACKOFFICE),
    ):
        project = _project(name, domains, friday - 90 * DAY)
        rows["projects"][project["id"]] = project
        for days, fate, message in releases:
            deployment = _deployment(project, friday - days * DAY, fate, message)
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
        "env": _variables(name, created),
    }


def _variables(name: str, at: int) -> Row:
    rows: Row = {}
    for key, value, kind in (
        ("LOG_LEVEL", "info", "plain"),
        ("CURRENCY", "EUR", "encrypted"),
        ("PAYMENT_KEY", f"pk_{name}_5dA1", "sensitive"),
        ("SHOP_API_URL", "https://api.rachelfoods.test", "encrypted"),
    ):
        targets = ["production", "preview"] if kind != "plain" else ["production"]
        id = f"env_{name}_{key.lower()}"
        who = {"createdBy": USER["uid"], "updatedBy": USER["uid"]}
        rows[id] = {"id": id, "key": key, "value": value, "type": kind, "target": targets, "createdAt": at, "updatedAt": at, **who}
    return rows


def _deployment(project: Row, at: int, fate: str, message: str) -> Row:
    kind = fate if fate in KINDS else "good"
    target = None if fate == "preview" else "production"
    row = deployment_row(project, kind=kind, message=message, target=target, source="git", at=at - 2 * MINUTE)
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
