"""A database at Render is taken back for real: a new instance, proved by connecting to it, then named by the services' variables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import stamp
from ansible_collections.lastgood.recovery.plugins.modules import render_postgres

from sandbox.testing import Box
from tests.contract.bench import printed_by
from tests.postgres.clusters import Cluster

pytestmark = pytest.mark.once

OLD, RECENT = 100, 7
TABLE = f"""
CREATE TABLE orders (id int PRIMARY KEY, written_at timestamptz NOT NULL);
INSERT INTO orders SELECT n, now() - interval '2 hours' FROM generate_series(1, {OLD}) n;
INSERT INTO orders SELECT n, now() - interval '20 minutes' FROM generate_series({OLD} + 1, {OLD + RECENT}) n"""


@dataclass
class Shop:
    """The shop's database at Render, and the service that uses it."""

    box: Box
    server: Cluster

    def run(self, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {
            "api_url": f"{self.box.vendor_url('render')}/v1",
            "api_key": "sandbox-render-token",
            "postgres": "dpg-shop-a",
            "services": ["srv-api"],
            "poll": 0.05,
            "timeout": 5,
            "health_timeout": 3,
        }
        return printed_by(render_postgres.main, check, **{**given, **options})

    def frozen(self) -> dict[str, Any]:
        return self.box.state()["render"]

    def names(self) -> dict[str, str]:
        """Ids of the instances by name."""
        return {one["name"]: id for id, one in self.frozen()["databases"].items()}

    def used(self) -> str:
        """The name of the instance whose address the running service was deployed with."""
        address = self.box.state()["serving"]["api"]["variables"]["DATABASE_URL"]
        return next(name for name, id in self.names().items() if f"@{id}/" in address)

    def deploys(self) -> int:
        return len(self.frozen()["deploys"])


@pytest.fixture
def shop(box: Box, server: Cluster) -> Shop:
    server.clear()
    server.run('CREATE DATABASE "shop-database"')
    server.run(TABLE, "shop-database")
    box.control("databases", server=server.url())
    return Shop(box, server)


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def test_back_to_a_moment_and_forth_again(shop: Shop) -> None:
    at = ago(60)
    name = f"shop-database-at-{stamp(datetime.fromisoformat(at))}"
    deploys, code = shop.deploys(), shop.box.state()["serving"]["api"]["commit"]

    done = shop.run(good_at=at, expectations=[{"name": "orders", "min_rows": OLD, "max_rows": OLD}])

    assert done["changed"], done
    assert (shop.used(), shop.deploys()) == (name, deploys + 1)
    assert shop.box.state()["serving"]["api"]["commit"] == code, "the code stays"
    assert (done["serves"]["name"], done["kept"]["name"], done["loss"]["seconds"] > 3500) == (name, "shop-database", True)
    assert "orders: rows" in str(done["looked_at"])
    again = shop.run(good_at=at)
    assert (again["changed"], shop.deploys()) == (False, deploys + 1), again

    undone = shop.run(undo=True)
    assert (undone["changed"], shop.used()) == (True, "shop-database"), undone
    assert not shop.run(undo=True)["changed"]
    assert len([one for one in shop.names() if "-undone-" in one]) == 1, "what was recovered is still there"
    assert shop.run(good_at=at)["changed"]
    assert shop.run(undo=True)["changed"]
    assert shop.used() == "shop-database"
    assert "pw-dpg" not in str([done, again, undone])


def test_an_export_is_asked_for_first(shop: Shop) -> None:
    prepared = shop.run(good_at=ago(60), serve=False, services=[], export=True)

    assert prepared["changed"], prepared
    assert len(shop.frozen()["databases"]["dpg-shop-a"]["exports"]) == 1
    assert "signature" not in str(prepared)


def test_what_keeps_no_history_says_so(shop: Shop) -> None:
    before = shop.frozen()

    result = shop.run(good_at=ago(60), postgres="dpg-trial-a", serve=False, services=[])

    assert (result["error"], "nothing was changed" in result["msg"]) == ("NotRestorable", True), result
    assert "its plan keeps no history" in result["msg"]
    assert shop.run(good_at=ago(5))["error"] == "NotRestorable", "the last ten minutes are too recent"
    assert shop.frozen() == before


def test_variables_that_cannot_be_rewritten_are_refused_before_anything(shop: Shop) -> None:
    env = f"{shop.box.vendor_url('render')}/v1/services/srv-api/env-vars/DATABASE_URL"
    key = {"Authorization": "Bearer sandbox-render-token"}
    for value, words in (("postgresql://elsewhere/shop", "no variable of srv-api names"), ("host=dpg-shop-a dbname=shop", "another form")):
        requests.put(env, json={"value": value}, headers=key, timeout=10)
        before = shop.frozen()

        result = shop.run(check=True, good_at=ago(60))

        assert (result["error"], words in result["msg"], shop.frozen() == before) == ("Refused", True, True), result


def test_services_have_to_be_named_and_within_reach(shop: Shop) -> None:
    assert shop.run(good_at=ago(60), services=[])["error"] == "Refused"
    assert shop.run(good_at=ago(60), reach={"render": ["dpg-shop-a"]})["error"] == "OutOfReach"
