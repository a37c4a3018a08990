"""Every vendor whose databases can be taken back: adding one is adding a line to DATABASES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import heroku_postgres, neon_branch, railway_backup, render_postgres

from sandbox.railway.seed import POSTGRES, PRODUCTION, PROJECT, STOCK
from sandbox.testing import Box
from tests.sandbox.railway_api import Railway


@dataclass(frozen=True)
class Database:
    """A module of a managed database, how it reaches the sandbox, and what the sandbox calls the same thing."""

    name: str
    module: ModuleType
    options: Callable[[Box], dict[str, Any]]
    secret: str
    """The option whose value nobody may see."""
    target: str
    """As the sandbox's controls `fail` and `stuck` name it."""
    real: str
    """The real database behind the one that serves on a fresh sandbox."""
    serves: Callable[[Box], str]
    """The address of the database that applications get now."""
    switched: str = ""
    """What has to be deployed so that applications get another one, as `fail` names it; empty for the database itself."""
    fails: int = 1
    """How many steps have to fail so that it does not serve."""
    arrange: Callable[[Box], object] = lambda box: None
    """What has to be so on a fresh sandbox before anything else."""
    too_early: str = "2020-01-01T00:00:00Z"
    """A moment that nothing goes back to."""

    def __str__(self) -> str:
        return self.name


def _neon_serves(box: Box) -> str:
    """The address of a branch stays: it is that of its endpoint."""
    rows = box.state()
    name: str = rows["neon"]["branches"]["br-shop-main"]["real"]
    return f"{rows['settings']['databases'].rpartition('/')[0]}/{name}"


def _render_serves(box: Box) -> str:
    """The address that the service was deployed with, whose host is the instance's id."""
    rows = box.state()
    address = rows["serving"]["api"]["variables"]["DATABASE_URL"]
    name = next(one["real"] for id, one in rows["render"]["databases"].items() if f"@{id}/" in address)
    return f"{rows['settings']['databases'].rpartition('/')[0]}/{name}"


def _heroku_serves(box: Box) -> str:
    """By what the dynos run with."""
    rows = box.state()
    heroku = rows["heroku"]
    app = next(app for app in heroku["apps"].values() if app["name"] == "accounts")
    (dyno,) = [one for one in heroku["dynos"].values() if one["app"] == app["id"] and one["name"] == "web.1"]
    address = heroku["releases"][dyno["release"]]["config"]["DATABASE_URL"]
    names = [addon["name"] for addon in heroku["addons"].values() if addon.get("url") == address]
    return f"{rows['settings']['databases'].rpartition('/')[0]}/{(names or [HEROKU_SEEDED])[0]}"


def _refer_to_it(box: Box) -> None:
    """The service at Railway uses the database that is there."""
    place = {"serviceId": STOCK, "projectId": PROJECT, "environmentId": PRODUCTION}
    Railway(box).change("variableUpsert", "VariableUpsertInput", **place, name="DATABASE_URL", value="${{Postgres.DATABASE_URL}}")


def _railway_serves(box: Box) -> str:
    """The address that the service was deployed with, whose host is named as the database's service is."""
    rows = box.state()
    address = rows["serving"]["stock"]["variables"]["DATABASE_URL"]
    if "${{" in address:
        named = address.removeprefix("${{").partition(".")[0]
        service = next(id for id, one in rows["railway"]["services"].items() if one["name"] == named)
    else:
        host = address.partition("@")[2].partition(".")[0]
        service = next(id for id, one in rows["railway"]["services"].items() if one["name"].lower() == host)
    name = next(one["real"] for one in rows["railway"]["volumes"] if one["serviceId"] == service)
    return f"{rows['settings']['databases'].rpartition('/')[0]}/{name}"


HEROKU_SEEDED = "postgresql-silhouetted-12345"
DATABASES = [
    Database(
        name="heroku",
        module=heroku_postgres,
        options=lambda box: {
            "api_url": box.vendor_url("heroku"),
            "data_url": box.vendor_url("heroku"),
            "api_key": "sandbox-heroku-token",
            "app": "accounts",
        },
        secret="api_key",
        target="accounts",
        real=HEROKU_SEEDED,
        serves=_heroku_serves,
        fails=3,
    ),
    Database(
        name="neon",
        module=neon_branch,
        options=lambda box: {
            "api_url": f"{box.vendor_url('neon')}/api/v2",
            "api_key": "sandbox-neon-key",
            "project": "calm-shop-630245",
            "database": "shop",
            "role": "shop",
        },
        secret="api_key",
        target="shop-database",
        real="br-shop-main",
        serves=_neon_serves,
    ),
    Database(
        name="render",
        module=render_postgres,
        options=lambda box: {
            "api_url": f"{box.vendor_url('render')}/v1",
            "api_key": "sandbox-render-token",
            "postgres": "dpg-shop-a",
            "services": ["srv-api"],
        },
        secret="api_key",
        target="shop-database",
        real="shop-database",
        serves=_render_serves,
        switched="api",
    ),
    Database(
        name="railway",
        module=railway_backup,
        options=lambda box: {
            "api_url": f"{box.vendor_url('railway')}/graphql/v2",
            "token": "sandbox-railway-token",
            "service": POSTGRES,
            "clients": [STOCK],
        },
        secret="token",
        target="Postgres",
        real="postgres-volume",
        serves=_railway_serves,
        switched="stock",
        arrange=_refer_to_it,
    ),
]
