"""The service of the shop that is at Railway, as it was left on the last Friday."""

from __future__ import annotations

import secrets
from itertools import pairwise

from sandbox.artifacts import KINDS
from sandbox.clock import DAY, MINUTE
from sandbox.railway import rollout, volumes
from sandbox.state import Row

PROJECT = "5f0c7f1e-2b6a-4a51-9d27-6c1f3a9e8b10"
PRODUCTION = "0a41b7d2-58c3-4f0e-8e6b-d1c2a7f45e21"
STAGING = "1b52c8e3-69d4-4a1f-9f7c-e2d3b8a56f32"
STOCK = "7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43"

POSTGRES = "9c1b5f62-3d7e-4f28-a6b4-0e5d8c7a1f39"
"""The shop's database, which is a service with a volume."""

SHARED = {"REGION": "eu"}

# Days before Friday, what became of it, commit message.
_RELEASES = [
    (19, "good", "Count shelves every hour"),
    (12, "good", "Reserve what is in a basket"),
    (8, "failing-build", "Upgrade the database driver"),
    (5, "good", "Count returns"),
    (5, "same commit", "Count returns"),
    (3, "crashing", "Read settings at start-up"),
    (0, "good", "Round weights to grams"),
]


def history(friday: int) -> Row:
    friday += 2 * MINUTE
    instance = _instance(PRODUCTION)
    mine: list[Row] = []
    for number, (days, fate, message) in enumerate(_RELEASES):
        at = friday - days * DAY + number * 30 * MINUTE * (fate == "same commit")
        mine.append(_deployment(instance, at, fate, message, mine))
    served = [deployment for deployment in mine if deployment["status"] == "SUCCESS"]
    for old, new in pairwise(served):
        old.update(status="REMOVED", statusUpdatedAt=new["statusUpdatedAt"])
    instance["head"] = {"commit": served[-1]["commit"], "kind": served[-1]["kind"]}
    database = _database(friday)
    active = _deployment(database, friday - 100 * DAY, "good", "PostgreSQL 16", [])
    active.update(reason="deploy", commit={"id": secrets.token_hex(20), "message": "postgres-ssl:16"})
    mine.append(active)
    return {
        "project": {"id": PROJECT, "name": "rachelfoods", "baseEnvironmentId": PRODUCTION, "createdAt": friday - 120 * DAY},
        "environments": {
            PRODUCTION: {"id": PRODUCTION, "name": "production", "variables": SHARED, "staged": {}},
            STAGING: {"id": STAGING, "name": "staging", "variables": {}, "staged": {}},
        },
        "services": {STOCK: {"id": STOCK, "name": "stock"}, POSTGRES: {"id": POSTGRES, "name": "Postgres"}},
        "instances": [instance, _instance(STAGING) | {"head": instance["head"]}, database],
        "volumes": [_volume(friday)],
        "workflows": {},
        "deployments": {deployment["id"]: deployment for deployment in mine},
    }


def _database(friday: int) -> Row:
    """It archives its write-ahead log, so that it can go back to any moment."""
    return _instance(PRODUCTION) | {
        "serviceId": POSTGRES,
        "autoDeploy": False,
        "variables": {
            "DATABASE_URL": "postgresql://postgres:planted-password@postgres.railway.internal:5432/railway",
            "DATABASE_PUBLIC_URL": "postgresql://postgres:planted-password@sandbox.proxy.rlwy.net:40001/railway",
            "WAL_ARCHIVE_BUCKET": "postgres-pitr",
        },
        "sealed": [],
        "settings": {**_instance(PRODUCTION)["settings"], "numReplicas": 1, "healthcheckPath": None, "startCommand": None},
    }


def _volume(friday: int) -> Row:
    backups = [{"id": f"bk-{days}", "name": "Daily", "createdAt": friday - days * DAY + 60 * MINUTE} for days in (3, 2, 1, 0)]
    return volumes.record(PRODUCTION, POSTGRES, "postgres-volume", friday - 100 * DAY, real="postgres-volume", backups=backups)


def _deployment(instance: Row, at: int, fate: str, message: str, earlier: list[Row]) -> Row:
    kind = fate if fate in KINDS else "good"
    commit, reason, asked = {"id": secrets.token_hex(20), "message": message}, "deploy", at - 3 * MINUTE
    if fate == "same commit":  # deployed again with another variable: another id for the same artifact
        commit, reason = earlier[-1]["commit"], "redeploy"
    row = rollout.deployment_record(instance, commit=commit, kind=kind, reason=reason, at=asked, shared=SHARED)
    built, failed = at - MINUTE, "Build failed: exit code 1" if kind == "failing-build" else None
    rollout.step(row, "SNAPSHOT_CODE", asked, asked + 2_000)
    rollout.step(row, "BUILD_IMAGE", asked + 2_000, built, failed)
    if kind == "failing-build":
        return row | {"status": "FAILED", "statusUpdatedAt": built}
    row["image"] = earlier[-1]["image"] if fate == "same commit" else f"sha256:{secrets.token_hex(32)}"
    rollout.step(row, "PUBLISH_IMAGE", built, built)
    rollout.step(row, "CREATE_CONTAINER", built, at - 5_000)
    unhealthy = "1/1 replicas never became healthy" if kind == "crashing" else None
    rollout.step(row, "HEALTHCHECK", at - 5_000, at, unhealthy)
    if unhealthy:
        return row | {"status": "FAILED", "statusUpdatedAt": at}
    rollout.step(row, "DRAIN_INSTANCES", at, at + 10_000)
    return row | {"status": "SUCCESS", "statusUpdatedAt": at}


def _instance(environment: str) -> Row:
    return {
        "environmentId": environment,
        "serviceId": STOCK,
        "autoDeploy": True,
        "plan": "enterprise",
        "variables": {
            "LOG_LEVEL": "info",
            "CURRENCY": "EUR",
            "REGION": "${{shared.REGION}}",
            "PUBLIC_URL": "https://${{RAILWAY_PUBLIC_DOMAIN}}",
            "SUPPLIER_KEY": "sk_stock_8fQ2",
        },
        "sealed": ["SUPPLIER_KEY"],
        "settings": {
            "numReplicas": 2,
            "region": "europe-west4",
            "sleepApplication": False,
            "healthcheckPath": "/health",
            "healthcheckTimeout": 300,
            "overlapSeconds": None,
            "drainingSeconds": None,
            "startCommand": "npm start",
        },
        "purges": [],
        "head": None,
    }
