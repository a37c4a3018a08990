from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import rds_instance

from tests.aws.rds_account import RdsAccount
from tests.contract.bench import printed_by
from tests.iam.policies import agrees
from tests.iam.rights import INSTANCES, Right
from tests.vendor_proxy import Proxy

ROLES = (Right("rds:AddRoleToDBInstance", INSTANCES), Right("iam:PassRole", "arn:aws:iam::ACCOUNT:role/ROLE"))
"""Of an instance that has roles, which moto's has not."""


def test_a_moment_a_snapshot_and_a_restore_that_fails(account: RdsAccount) -> None:
    good = account.remember(ago=600).isoformat()
    account.snapshot("nightly", ago=3600)
    with Proxy(account.url) as aws:

        def run(**wanted: Any) -> dict[str, Any]:
            return printed_by(rds_instance.main, False, **{**account.options, "endpoint_url": aws.url, **wanted})

        account.ends_as = "incompatible-network"
        assert run(good_at=good)["failed"]
        account.ends_as = "available"
        for wanted in ({"good_at": good}, {"backup": "nightly"}, {"undo": True}):
            assert "failed" not in run(**wanted)
        calls = aws.log
    agrees("rds-instance", calls, ROLES)
