"""What the five teams' inventories plan: by scenario of their runbooks, how the sandbox is broken, and what the plan names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.testing import Box
from tests.sandbox import vendor_api

VAULT = ("--vault-password-file", "sandbox/vault-password")
CAPTURE, BACK_UP = "playbooks/capture.yml", "playbooks/back-up-database.yml"
OTHERWISE_NAMED = {
    "checkout": "rollback-checkout.yml",
    "performance": "playbooks/relieve-performance.yml",
    "vulnerability": "playbooks/respond-vulnerability.yml",
    "database": "playbooks/restore-database.yml",
    "feature": "playbooks/disable-feature.yml",
    "disaster": "playbooks/disaster-recovery.yml",
    "rollout": "playbooks/rollout.yml",
}


def now() -> str:
    return datetime.now(UTC).isoformat()


def shipped(*targets: str) -> Callable[[Box], dict[str, Any]]:
    def breaks(box: Box) -> dict[str, Any]:
        for target in targets:
            box.ship(target, "breaks-checkout")
        return {"bad_at": now()}

    return breaks


def from_outside(box: Box) -> dict[str, Any]:
    """Nobody but a person sees that it is broken."""
    return {"bad_at": now()}


def an_hour_ago(box: Box) -> dict[str, Any]:
    """A moment that the vendor's own history of a database has."""
    return {"bad_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}


def misconfigured(box: Box) -> dict[str, Any]:
    box.control("break", what="configuration")
    return {"bad_at": now()}


def migrated(what: str) -> Callable[[Box], dict[str, Any]]:
    def breaks(box: Box) -> dict[str, Any]:
        box.control("break", what=what)
        return {"bad_at": now()}

    return breaks


def deleted(box: Box) -> dict[str, Any]:
    return {"bad_at": box.control("break", what="data")["at"]}


def as_before_it_was_deleted(box: Box) -> dict[str, Any]:
    good_at = now()
    deleted(box)
    return {"good_at": good_at}


def without_stripe(box: Box) -> dict[str, Any]:
    box.control("outage", vendor="stripe")
    box.control("stuck", target="stripe")
    return {"bad_at": now()}


def switched_on(feature: str) -> Callable[[Box], dict[str, Any]]:
    def breaks(box: Box) -> dict[str, Any]:
        box.control("break", what="feature")
        return {"feature": feature, "bad_at": now()}

    return breaks


def vulnerable(box: Box) -> dict[str, Any]:
    return {"cvss": "9.8", "bad_at": now()}


def vulnerable_without_a_policy(box: Box) -> dict[str, Any]:
    """Where the runbook says nothing of scores, a person does."""
    return {**vulnerable(box), "roll_back": True}


def staged(box: Box) -> dict[str, Any]:
    vendor_api.vercel(box).send("PATCH", "/v9/projects/storefront", {"autoAssignCustomDomains": False})
    return {"deployment": box.ship("storefront", "good")["release"]}


def edge_released(box: Box) -> dict[str, Any]:
    box.ship("security-headers", "breaks-checkout")
    return {"bad_at": now()}


@dataclass(frozen=True)
class Planned:
    """One scenario of one team."""

    team: str
    scenario: str
    named: tuple[str, ...]
    """What is on the screen."""
    breaks: Callable[[Box], dict[str, Any]] = from_outside
    """Breaks the sandbox; what has to be said to the playbook then."""
    arguments: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    """What the team has run before."""
    often: bool = False
    """Whether it is planned without LASTGOOD_EVERY_EXAMPLE, too."""
    amazon: bool = False
    """Whether it takes a sandbox with AWS."""

    @property
    def playbook(self) -> str:
        return OTHERWISE_NAMED.get(self.scenario, f"playbooks/rollback-{self.scenario}.yml")

    def __str__(self) -> str:
        return f"{self.team}-{self.scenario}{'-' + self.breaks.__name__ if self.breaks is without_stripe else ''}"


R, C, H, G, D = "rachelfoods", "realco", "huntaze", "generic-levels", "derrimut"
LETTERS = {"R": R, "C": C, "H": H, "G": G, "D": D}
"""As docs/scenarios.md abbreviates them."""
ANSWERED_OTHERWISE = {(H, "performance"), (G, "configuration"), (D, "database")}
"""What their runbooks ask for and another playbook, or modules, answer: their README says which."""
PLANS = (
    Planned(R, "checkout", ("frontend storefront", "backend api"), shipped("storefront"), often=True),
    Planned(R, "frontend", ("frontend storefront",), shipped("storefront")),
    Planned(R, "backend", ("backend api",), shipped("api")),
    Planned(R, "migration", ("database rachelfoods-db", "option A", "backend api"), migrated("loyalty-points"), often=True),
    Planned(R, "database", ("database rachelfoods-db", "loses"), an_hour_ago, often=True),
    Planned(R, "payments", ("Stripe is up", "backend api"), shipped("api")),
    Planned(R, "payments", ("Stripe itself is down", "flags cash-on-delivery off on"), without_stripe),
    Planned(R, "performance", ("backend api instances: service 2 instances: service 4",), shipped("api")),
    Planned(R, "vulnerability", ("frontend storefront", "backend api"), vulnerable),
    Planned(R, "configuration", ("frontend storefront SHOP_API_URL", "backend api PAYMENTS_URL"), misconfigured, VAULT, (CAPTURE,)),
    Planned(R, "feature", ("flags loyalty-tiers on off",), switched_on("loyalty-tiers")),
    Planned(R, "rollout", ("goes out to 10 % → 50 % → 100 %",), staged, ("--limit", "storefront")),
    Planned(C, "checkout", ("frontend app", "backend api"), shipped("storefront"), often=True),
    Planned(C, "frontend", ("frontend app",), shipped("storefront")),
    Planned(C, "backend", ("backend api",), shipped("stock")),
    Planned(C, "migration", ("database realco-prod", "option B", "backend api"), migrated("one-price-list"), before=(BACK_UP,)),
    Planned(C, "database", ("database realco-prod", "loses", "tech lead"), deleted, before=(BACK_UP,), often=True),
    Planned(C, "payments", ("Stripe is up", "backend api"), shipped("stock")),
    Planned(C, "vulnerability", ("frontend app", "backend api"), vulnerable_without_a_policy),
    Planned(H, "checkout", ("frontend app",), shipped("storefront"), often=True),
    Planned(H, "frontend", ("frontend app",), shipped("storefront")),
    Planned(H, "migration", ("database huntaze-db", "option B", "frontend app"), migrated("one-price-list")),
    Planned(H, "database", ("database huntaze-db", "loses"), an_hour_ago, often=True),
    Planned(H, "vulnerability", ("frontend app",), vulnerable_without_a_policy),
    Planned(H, "edge", ("edge headers", "objects assets"), edge_released, amazon=True),
    Planned(G, "checkout", ("backend core-api",), often=True),
    Planned(G, "backend", ("backend core-api",)),
    Planned(G, "migration", ("database core-db", "option A", "backend core-api"), migrated("loyalty-points")),
    Planned(G, "database", ("database core-db", "loses"), deleted, before=(BACK_UP,)),
    Planned(G, "vulnerability", ("backend core-api",), vulnerable_without_a_policy),
    Planned(G, "feature", ("flags problematic-feature on off",), switched_on("problematic-feature"), often=True),
    Planned(
        G,
        "disaster",
        ("backend core-api", "database core-db", "loses"),
        as_before_it_was_deleted,
        (*VAULT, "--limit", "!objects"),
        (BACK_UP,),
    ),
    Planned(D, "checkout", ("frontend platform", "backend functions"), shipped("storefront"), often=True),
    Planned(D, "frontend", ("frontend platform",), shipped("storefront")),
    Planned(D, "backend", ("backend functions",), shipped("bookings"), often=True),
    Planned(D, "performance", ("backend functions",), shipped("bookings")),
    Planned(D, "vulnerability", ("frontend platform", "backend functions"), vulnerable_without_a_policy),
    Planned(D, "configuration", ("frontend platform SHOP_API_URL",), misconfigured, VAULT, (CAPTURE,)),
)
