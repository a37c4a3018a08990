"""An RDS instance goes back: prepared, proved, named; as it was, in everything."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import rds_instance
from moto.rds.exceptions import RDSClientError

from sandbox.testing import free_ports
from tests.aws.answering import answering as answering_in_its_place
from tests.aws.answering import refusal
from tests.aws.rds_account import RdsAccount
from tests.contract.bench import printed_by
from tests.vendor_proxy import LOST, Exchange, Proxy, answering

ALIKE = [
    *("DBInstanceClass", "MultiAZ", "PubliclyAccessible", "AutoMinorVersionUpgrade", "CopyTagsToSnapshot", "LicenseModel", "Engine"),
    *("StorageType", "Iops", "AllocatedStorage", "MonitoringInterval", "MonitoringRoleArn", "PreferredBackupWindow", "EngineVersion"),
    *("PreferredMaintenanceWindow", "BackupRetentionPeriod", "DeletionProtection", "IAMDatabaseAuthenticationEnabled", "Endpoint"),
    *("EnabledCloudwatchLogsExports", "VpcSecurityGroups", "DBParameterGroups", "OptionGroupMemberships"),
]


def run(account: RdsAccount, check: bool = False, **options: Any) -> dict[str, Any]:
    result = printed_by(rds_instance.main, check, **{**account.options, **options})
    assert "hush-hush" not in str(result)
    return result


def test_back_to_a_moment_and_all_is_as_it_was(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    account.write("after the deploy")
    old = account.described()["shop"]
    result = run(account, good_at=good.isoformat(), expectations=[{"name": "orders"}])
    assert not result.get("failed"), result
    assert result["changed"]
    assert account.rows() == ["first"]
    kept = result["kept"]["name"]
    assert account.rows(kept) == ["after the deploy", "first"]
    new = account.described()["shop"]
    assert {name: new.get(name) for name in ALIKE} == {name: old.get(name) for name in ALIKE}
    assert {"Key": "team", "Value": "checkout"} in new["TagList"]
    assert new["DBInstanceIdentifier"] == "shop"
    assert not any(tag["Key"].startswith("aws:") for tag in new["TagList"])
    assert result["serves"]["prepared_as"] == account.named(good)
    assert "a new connection" in result["looked_at"][0]


def test_the_same_again_changes_nothing(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    account.write("after the deploy")
    assert run(account, good_at=good.isoformat())["changed"]
    before = account.described()
    again = run(account, good_at=good.isoformat())
    assert (again["changed"], again["diff"]) == (False, {"before": {}, "after": {}})
    assert "already" in again["summary"]
    assert account.described() == before


def test_check_mode_tells_the_truth_and_asks_for_nothing(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    before = account.described()
    told = run(account, check=True, good_at=good.isoformat())
    assert told["changed"]
    assert account.described() == before
    done = run(account, good_at=good.isoformat())
    assert done["diff"] == told["diff"] == {"before": {"serves": "shop"}, "after": {"serves": account.named(good)}}
    assert done["loss"]["since"] == told["loss"]["since"]


def test_a_moment_outside_the_window_is_refused_and_an_old_one_is_the_newest_snapshot_before(account: RdsAccount) -> None:
    before = account.described()
    for ago, words in ((10, "too recent"), (4 * 86400, "too long ago")):
        refused = run(account, good_at=account.ago(ago).isoformat())
        assert (refused["error"], refused["changed"]) == ("NotRestorable", False), refused
        assert words in refused["msg"]
        assert "nothing was changed" in refused["msg"]
    assert account.described() == before
    account.snapshot("before-the-deploy", ago=5 * 86400)
    account.write("after the deploy")
    result = run(account, good_at=account.ago(4 * 86400).isoformat())
    assert result["serves"]["prepared_as"] == "shop-of-beforethedeploy"
    assert account.rows() == ["first"]
    assert account.described()["shop"]["VpcSecurityGroups"][0]["VpcSecurityGroupId"] == "sg-0a1b2c3d"


def test_a_snapshot_by_its_name(account: RdsAccount) -> None:
    account.snapshot("nightly", ago=3600)
    account.write("after the deploy")
    unknown = run(account, backup="hourly")
    assert (unknown["error"], unknown["changed"]) == ("NotRestorable", False)
    assert "nightly" in unknown["hint"]
    assert run(account, backup="nightly", max_loss=60)["error"] == "Refused"
    assert run(account, backup="nightly")["changed"]
    assert account.rows() == ["first"]
    assert not run(account, backup="nightly")["changed"]


def test_undo_goes_back_once_and_forth_again(account: RdsAccount) -> None:
    assert run(account, undo=True)["error"] == "Refused"
    good = account.remember(ago=600)
    account.write("after the deploy")
    was = account.described()["shop"]["DbiResourceId"]
    run(account, good_at=good.isoformat(), keep_as="shop-broken")
    assert run(account, check=True, undo=True)["changed"]
    undone = run(account, undo=True)
    assert undone["changed"], undone
    assert account.described()["shop"]["DbiResourceId"] == was
    assert not run(account, undo=True)["changed"]
    assert run(account, place=undone["kept"]["name"])["changed"]
    assert account.rows() == ["first"]


def test_prepared_only_then_looked_at_then_served(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    account.write("after the deploy")
    prepared = run(account, good_at=good.isoformat(), serve=False)
    assert prepared["changed"], prepared
    assert account.rows() == ["after the deploy", "first"]
    assert not run(account, good_at=good.isoformat(), serve=False)["changed"]
    id = account.described()[account.named(good)]["DbiResourceId"]
    wrong = run(account, good_at=good.isoformat(), expectations=[{"name": "orders", "min_rows": 5}])
    assert wrong["error"] == "Incomplete"
    assert account.rows() == ["after the deploy", "first"]
    assert run(account, good_at=good.isoformat())["changed"]
    assert account.described()["shop"]["DbiResourceId"] == id


def test_one_that_cannot_be_restored_is_removed_and_the_old_one_serves(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    account.ends_as = "incompatible-network"
    failed = run(account, good_at=good.isoformat())
    assert failed["error"] == "ActivationFailed"
    assert "incompatible-network" in failed["msg"]
    assert list(account.described()) == ["shop"]
    account.ends_as = "available"
    assert run(account, good_at=good.isoformat())["changed"]


def test_one_that_fails_once_it_has_the_name_gives_it_back(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    was = account.described()["shop"]["DbiResourceId"]
    account.named_ends_as = "incompatible-parameters"
    failed = run(account, good_at=good.isoformat())
    assert failed["error"] == "ActivationFailed", failed
    assert "incompatible-parameters" in failed["msg"]
    assert account.described()["shop"]["DbiResourceId"] == was


def test_one_that_nobody_reaches_once_it_has_the_name_gives_it_back(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    was = account.described()["shop"]["DbiResourceId"]
    account.unreachable = ["shop"]
    failed = run(account, good_at=good.isoformat(), health_timeout=0.5)
    assert failed["error"] == "ActivationFailed", failed
    assert account.described()["shop"]["DbiResourceId"] == was


def test_one_that_is_never_ready_is_waited_for_again(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    account.ends_as = "modifying"
    assert run(account, good_at=good.isoformat(), timeout=0.5)["error"] == "TimedOut"
    account.settle()
    account.ends_as = account.instances[account.named(good)].status = "available"
    assert run(account, good_at=good.isoformat())["changed"]
    assert len(account.described()) == 2


@pytest.mark.parametrize("number", [1, 4, 5])
def test_a_lost_answer_is_looked_for(account: RdsAccount, number: int) -> None:
    """That of the restore, and those of the two renames."""
    good = account.remember(ago=600)
    changes: list[bytes] = []

    def nth(exchange: Exchange) -> bool:
        new = b"Action=Describe" not in exchange.body
        changes.extend([exchange.body] if new else [])
        return new and len(changes) == number

    with Proxy(account.url, answering(LOST, to=nth, heard=True)) as proxy:
        result = run(account, good_at=good.isoformat(), endpoint_url=proxy.url)
    assert not result.get("failed"), result
    assert len(changes) == 5, "what was done is not asked for again"
    assert set(account.described()) == {"shop", result["kept"]["name"]}


@pytest.mark.filterwarnings("ignore:.*does not match an error shape")
def test_when_the_new_one_may_not_take_the_name_the_old_one_gets_it_back(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    was = account.described()["shop"]["DbiResourceId"]
    account.refuse = {account.named(good): RDSClientError("AccessDenied", "User is not authorized")}
    failed = run(account, good_at=good.isoformat())
    assert failed["error"] == "NotAuthorised", failed
    account.settle()
    assert account.described()["shop"]["DbiResourceId"] == was
    account.refuse = {}
    assert run(account, good_at=good.isoformat())["changed"]


@pytest.mark.filterwarnings("ignore:.*does not match an error shape")
def test_a_restore_that_is_not_allowed_says_which_action(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    account.refuse = {"restore": RDSClientError("AccessDenied", "User is not authorized")}
    failed = run(account, good_at=good.isoformat())
    assert failed["error"] == "NotAuthorised"
    assert "rds:RestoreDBInstanceToPointInTime" in failed["hint"]
    assert list(account.described()) == ["shop"]


def test_a_member_of_a_cluster_is_refused(account: RdsAccount) -> None:
    aurora = {"DBClusterIdentifier": "aurora", "Engine": "aurora-postgresql"}
    account.client.create_db_cluster(**aurora, MasterUsername="shop", MasterUserPassword="hush-hush")
    account.client.create_db_instance(**aurora, DBInstanceIdentifier="one", DBInstanceClass="db.r6g.large")
    refused = run(account, db_instance_identifier="one", good_at="02:37")
    assert (refused["error"], refused["changed"]) == ("Refused", False)
    assert "aurora" in refused["msg"]


def test_one_that_is_not_there_or_not_to_be_touched(account: RdsAccount) -> None:
    missing = run(account, db_instance_identifier="shopp", good_at="02:37")
    assert (missing["error"], missing["changed"]) == ("NotFound", False)
    assert run(account, good_at="02:37", reach={"rds": ["eu-west-1/other"]}, endpoint_url="http://127.0.0.1:1")["error"] == "OutOfReach"
    assert run(account, check=True, good_at=account.remember(600).isoformat(), reach={"rds": ["eu-west-1/shop"]})["changed"]


def test_a_wrong_key_and_nobody_there(account: RdsAccount) -> None:
    with answering_in_its_place(refusal("InvalidClientTokenId", 403, "The security token included in the request is invalid.")) as aws:
        wrong = run(account, good_at="02:37", endpoint_url=aws.url)
    assert (wrong["error"], wrong["changed"]) == ("NotAuthorised", False)
    gone = run(account, good_at="02:37", endpoint_url=f"http://127.0.0.1:{free_ports()}")
    assert (gone["error"], gone["changed"]) == ("Unavailable", False)
    assert "nothing was changed" in gone["msg"]


def test_nobody_can_connect_and_nobody_says_otherwise(account: RdsAccount) -> None:
    good = account.remember(ago=600)
    refused = run(account, good_at=good.isoformat(), url=None, expectations=[{"name": "orders"}])
    assert refused["error"] == "Refused"
    result = run(account, good_at=good.isoformat(), url=None)
    assert result["looked_at"] == ["nobody connected to it: the vendor gives no address"]
