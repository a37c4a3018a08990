"""Everything the Heroku emulator can be asked, and each answer, as the vendor describes it; and the judge itself."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.heroku import Heroku, apps, databases, releases, transfers
from sandbox.testing import Box
from tests.sandbox import vendor_api
from tests.sandbox.hyper_schema import HyperSchema, hyper_schema
from tests.sandbox.vendor_api import Api

APP = "/apps/accounts"


@pytest.fixture
def published() -> HyperSchema:
    return hyper_schema()


@pytest.fixture
def checked(box: Box, published: HyperSchema) -> Api:
    return vendor_api.heroku(box, published)


def test_every_route_is_published(published: HyperSchema) -> None:
    for method, path, handler in Heroku.routes:
        if (method, path, handler) not in [*releases.STREAMS, *apps.STREAMS, *databases.DATA, *transfers.DATA]:
            assert published.links(method, re.sub(r"\{\w+\}", "x", path)), (method, path)


@pytest.mark.parametrize("app", ["accounts", "accounts-fir"])
def test_reading(checked: Api, app: str) -> None:
    path = f"/apps/{app}"
    assert {row["name"] for row in checked.get("/apps")} == {"accounts", "accounts-fir"}
    assert checked.get(path)["name"] == app
    for part in ("addons", "addon-attachments", "builds", "config-vars", "dynos", "formation"):
        checked.get(f"{path}/{part}")
    for release in checked.get(f"{path}/releases"):
        checked.get(f"{path}/releases/{release['id']}")
        assert checked.get(f"{path}/releases/{release['version']}")["id"] == release["id"]
        checked.get(f"{path}/releases/{release['id']}/config-vars")
        for artifact in release["artifacts"]:
            checked.get(f"{path}/{'slugs' if artifact['type'] == 'slug' else 'oci-images'}/{artifact['id']}")
    checked.get(f"{path}/builds/{checked.get(f'{path}/builds')[0]['id']}")
    checked.get(f"{path}/dynos/web.1")
    checked.get("/account")
    checked.get("/account/rate-limits")
    assert checked.call("GET", "/apps/nowhere").status_code == 404


def test_releases(box: Box, checked: Api) -> None:
    good = next(row for row in checked.get(f"{APP}/releases") if row["current"])
    box.ship("accounts", "breaks-checkout")
    made = checked.send("POST", f"{APP}/releases", {"slug": good["slug"]["id"], "description": "Rollback"}, 201)
    assert (made["slug"], made["description"]) == (good["slug"], "Rollback")
    assert checked.send("POST", f"{APP}/releases", {"release": good["id"]}, 201)["description"] == f"Rollback to v{good['version']}"


def test_configuration_and_service_state(checked: Api) -> None:
    assert checked.send("PATCH", f"{APP}/config-vars", {"LOG_LEVEL": "debug", "SESSION_DAYS": None})["LOG_LEVEL"] == "debug"
    assert checked.send("PATCH", APP, {"maintenance": True})["maintenance"] is True
    formation = checked.send("PATCH", f"{APP}/formation", {"updates": [{"type": "web", "quantity": 3}]})
    assert {row["type"]: row["quantity"] for row in formation} == {"web": 3, "worker": 1}
    assert checked.send("PATCH", f"{APP}/formation/worker", {"quantity": 0})["quantity"] == 0
    for path in ("dynos", "dynos/web.1", "formations/web"):
        checked.send("DELETE", f"{APP}/{path}", status=202)
    checked.send("POST", f"{APP}/dynos/web.2/actions/stop", status=202)
    checked.send("POST", f"{APP}/log-sessions", {"lines": 10, "tail": False, "type": "web"}, 201)


def test_a_database_beside_the_one_that_serves(checked: Api) -> None:
    (old,) = checked.get(f"{APP}/addons")
    body = {"plan": "heroku-postgresql:standard-0", "name": "as-of-then", "config": {"fork": old["name"]}}
    made = checked.send("POST", f"{APP}/addons", body, 201)
    (known,) = [row for row in checked.get(f"{APP}/addon-attachments") if row["addon"]["id"] == made["id"]]
    assert known["name"].startswith("HEROKU_POSTGRESQL_")
    attach = {"addon": made["id"], "app": "accounts", "name": "DATABASE"}
    checked.send("POST", "/addon-attachments", attach, 423)
    checked.send("POST", "/addon-attachments", {**attach, "confirm": "accounts"}, 201)
    (serves,) = [row for row in checked.get(f"{APP}/addon-attachments") if row["name"] == "DATABASE"]
    assert serves["addon"]["id"] == made["id"]
    checked.send("POST", "/actions/addon-attachments/resolve", {"app": "accounts", "addon_attachment": "DATABASE"})


def test_an_add_on_goes_with_its_attachments(checked: Api) -> None:
    (addon,) = checked.get(f"{APP}/addons")
    assert checked.send("DELETE", f"{APP}/addons/{addon['id']}")["config_vars"] == ["DATABASE_URL"]
    for app in ("accounts", "accounts-fir"):
        assert checked.get(f"/apps/{app}/addon-attachments") == []
        assert not {"DATABASE_URL", "ACCOUNTS_DATABASE_URL"} & set(checked.get(f"/apps/{app}/config-vars"))


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "received"),
    [
        ("POST", f"{APP}/rollback", {"release": "x"}, 201, {}),
        ("POST", f"{APP}/releases", {"version": 3}, 201, None),
        ("GET", f"{APP}/formation", None, 200, [{"type": "web", "quantity": 1}]),
        ("GET", f"{APP}/config-vars", None, 200, {"A": 1}),
        ("GET", APP, None, 404, {"error": "not found"}),
    ],
    ids=["address", "request body", "missing field", "type", "error"],
)
def test_what_is_not_described_fails(published: HyperSchema, method: str, path: str, sent: Any, status: int, received: Any) -> None:
    with pytest.raises(AssertionError):
        published.check(method, path, sent, status, received)
