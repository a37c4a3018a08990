"""Railway only stages a restored volume: what is applied, what else is staged, what serves afterwards, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import name_to_keep
from ansible_collections.lastgood.recovery.plugins.modules import railway_backup

from sandbox.railway.seed import POSTGRES, PRODUCTION, STOCK
from sandbox.testing import Box
from tests.contract.bench import printed_by
from tests.postgres.clusters import Cluster
from tests.sandbox.railway_api import Railway

pytestmark = pytest.mark.once

TABLE = """
CREATE TABLE orders (id int PRIMARY KEY, written_at timestamptz NOT NULL);
INSERT INTO orders SELECT n, now() - interval '60 days' FROM generate_series(1, 5) n;
INSERT INTO orders SELECT n, now() - interval '1 minute' FROM generate_series(6, 8) n"""
STAGE = "mutation($e: String!, $p: EnvironmentConfig!) { environmentStageChanges(environmentId: $e, input: $p, merge: true) { id } }"

RESTORE = """mutation($v: String!, $b: String!) {
  volumeInstanceBackupRestore(volumeInstanceId: $v, volumeInstanceBackupId: $b) { workflowId } }"""


@dataclass
class Shop:
    """The shop's database at Railway."""

    box: Box

    def run(self, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {
            "api_url": f"{self.box.vendor_url('railway')}/graphql/v2",
            "token": "sandbox-railway-token",
            "service": POSTGRES,
            "poll": 0.05,
            "timeout": 5,
            "health_timeout": 3,
        }
        return printed_by(railway_backup.main, check, **{**given, **options})

    def frozen(self) -> dict[str, Any]:
        return self.box.state()["railway"]

    def mounted(self) -> dict[str, Any]:
        (volume,) = [one for one in self.frozen()["volumes"] if one["serviceId"] == POSTGRES]
        return volume

    def rows(self) -> int:
        """What is in the volume that the service has."""
        server = self.box.state()["settings"]["databases"].rpartition("/")[0]
        with psycopg.connect(f"{server}/{self.mounted()['real']}") as client:
            return int(client.execute("SELECT count(*) FROM orders").fetchone()[0])  # type: ignore[index]

    def stage(self, patch: dict[str, Any]) -> None:
        Railway(self.box).data(STAGE, e=PRODUCTION, p=patch)

    def deployments(self) -> int:
        return sum(row["serviceId"] == POSTGRES for row in self.frozen()["deployments"].values())


@pytest.fixture
def shop(box: Box, server: Cluster) -> Shop:
    server.clear()
    server.run('CREATE DATABASE "postgres-volume"')
    server.run(TABLE, "postgres-volume")
    box.control("databases", server=server.url())
    return Shop(box)


def test_a_backup_comes_back_and_goes_again(shop: Shop) -> None:
    before, deployments = shop.mounted(), shop.deployments()
    assert shop.rows() == 8

    done = shop.run(backup="bk-1")

    assert done["changed"], done
    assert (shop.rows(), shop.deployments()) == (5, deployments + 1)
    assert done["serves"]["name"] == "Postgres-of-bk1"
    kept = next(one for one in shop.frozen()["volumes"] if one["volumeId"] == before["volumeId"])
    assert (kept["serviceId"], kept["name"]) == (None, done["kept"]["name"])
    frozen = shop.frozen()
    again = shop.run(backup="bk-1")
    assert (again["changed"], shop.frozen()) == (False, frozen), again

    undone = shop.run(undo=True)
    assert (undone["changed"], shop.rows(), shop.mounted()["volumeId"]) == (True, 8, before["volumeId"]), undone
    assert not shop.run(undo=True)["changed"]
    assert "planted-password" not in str([done, again, undone])


def test_check_mode_changes_nothing(shop: Shop) -> None:
    before = shop.frozen()

    predicted = shop.run(check=True, backup="bk-1")

    assert (predicted["changed"], shop.frozen()) == (True, before)
    assert predicted["diff"] == shop.run(backup="bk-1")["diff"]


@pytest.mark.parametrize("check", [True, False])
def test_other_changes_that_are_staged_are_refused(shop: Shop, check: bool) -> None:
    shop.stage({"services": {STOCK: {"variables": {"LOG_LEVEL": {"value": "debug"}}}}})
    before = shop.frozen()

    result = shop.run(check=check, backup="bk-1")

    assert (result["error"], "nothing was changed" in result["msg"]) == ("Refused", True), result
    assert "variables of stock" in result["msg"]
    assert shop.frozen() == before


def test_a_change_that_is_staged_after_the_copy_is_not_applied(shop: Shop) -> None:
    shop.run(backup="bk-1", serve=False)
    shop.stage({"services": {STOCK: {"variables": {"LOG_LEVEL": {"value": "debug"}}}}})

    result = shop.run(place="Postgres-of-bk1")

    assert (result["error"], shop.rows()) == ("Locked", 8), result
    assert "variables of stock" in result["msg"]
    assert next(one for one in shop.frozen()["instances"] if one["serviceId"] == STOCK)["variables"]["LOG_LEVEL"] == "info"


def test_somebody_elses_restore_is_not_taken_for_ours(shop: Shop) -> None:
    Railway(shop.box).data(RESTORE, v=shop.mounted()["id"], b="bk-2")
    name = next(one["name"] for one in shop.frozen()["volumes"] if one["serviceId"] is None)

    refused = shop.run(backup="bk-1")

    assert (refused["error"], f"place: {name}" in refused["hint"]) == ("Refused", True), refused
    assert shop.run(place=name)["changed"]
    assert shop.rows() == 5


def test_one_restore_after_the_other(shop: Shop) -> None:
    shop.run(backup="bk-2", serve=False)

    refused = shop.run(backup="bk-3")

    assert (refused["error"], "Postgres-of-bk2 is staged" in refused["msg"], shop.rows()) == ("Refused", True, 8), refused


def test_the_present_is_backed_up_first(shop: Shop) -> None:
    shop.box.set_latency(**{"railway.copy": 60})

    assert shop.run(backup="bk-1", timeout=0.4)["error"] == "TimedOut"

    assert [one["name"] for one in shop.mounted()["backups"]][-1] == "before Postgres-of-bk1"
    assert shop.run(backup="bk-2", emergency_backup=False, timeout=0.4)["error"] == "TimedOut"
    assert len(shop.mounted()["backups"]) == 5


def test_a_copy_that_fails_leaves_everything_as_it_was(shop: Shop) -> None:
    shop.box.control("fail", target="Postgres")

    result = shop.run(backup="bk-1", emergency_backup=False)

    assert (result["error"], shop.rows(), shop.deployments()) == ("ActivationFailed", 8, 1), result
    assert "the copy could not be made" in result["msg"]
    assert shop.run(backup="bk-1")["changed"]


def test_a_deployment_that_fails_mounts_the_old_volume_again(shop: Shop) -> None:
    shop.run(backup="bk-1", serve=False)
    before = shop.mounted()
    shop.box.control("fail", target="Postgres")

    result = shop.run(place="Postgres-of-bk1")

    assert (result["error"], shop.rows(), shop.mounted()["volumeId"]) == ("ActivationFailed", 8, before["volumeId"]), result
    assert shop.run(backup="bk-1")["changed"]
    assert shop.rows() == 5


def test_a_volume_cannot_be_looked_into_before_it_serves(shop: Shop) -> None:
    result = shop.run(backup="bk-1", expectations=[{"name": "orders"}])

    assert (result["error"], shop.rows()) == ("Refused", 8)


def test_a_moment_needs_to_be_told_to_somebody(shop: Shop) -> None:
    result = shop.run(good_at="2026-01-01T00:00:00Z")

    assert (result["error"], "nothing was changed" in result["msg"], "clients" in result["msg"]) == ("Refused", True, True), result


def test_what_is_not_well_on_the_other_volume_goes_back(shop: Shop) -> None:
    before = shop.mounted()

    result = shop.run(backup="bk-1", health_query="SELECT count(*) > 6 FROM orders")

    assert (result["error"], "serves again as it did" in result["msg"]) == ("ActivationFailed", True), result
    assert (shop.rows(), shop.mounted()["volumeId"]) == (8, before["volumeId"])


def test_a_run_that_was_cut_off_after_the_mounting_deploys(shop: Shop) -> None:
    """As a run leaves it that ends before it starts the deployment."""
    api, old = Railway(shop.box), shop.mounted()
    api.data(RESTORE, v=old["id"], b="bk-1")
    api.data(STAGE.replace("merge: true", "merge: false"), e=PRODUCTION, p={})
    new = next(one["volumeId"] for one in shop.frozen()["volumes"] if one["serviceId"] is None)
    kept = name_to_keep("Postgres", False, datetime.now(UTC) - timedelta(minutes=1))
    for volume, name, service in ((old["volumeId"], kept, None), (new, "Postgres-of-bk1", POSTGRES)):
        api.data("mutation($v: String!, $n: String!) { volumeUpdate(volumeId: $v, input: { name: $n }) { id } }", v=volume, n=name)
        mount = "mutation($v: String!, $s: String) { volumeInstanceUpdate(volumeId: $v, input: { serviceId: $s }) }"
        api.data(mount, v=volume, s=service)
    deployments = shop.deployments()

    result = shop.run(backup="bk-1")

    assert (result["changed"], shop.rows(), shop.deployments()) == (True, 5, deployments + 1), result
    assert not shop.run(backup="bk-1")["changed"]
    assert shop.run(undo=True)["changed"]
    assert shop.rows() == 8
