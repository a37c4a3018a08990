"""A run that is cut off at any call: the same command again sees it through, and an undo goes back.

By default the places are those where a swap is half done; LASTGOOD_EVERY_CRASH=1 cuts it off before and after every call.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils import managed_database
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import rds

from tests.aws.rds_account import RdsAccount

OPERATION = managed_database.operation(rds.VENDOR)
CALLS = ["RestoreDBInstanceToPointInTime", "ModifyDBInstance", "AddTagsToResource", "ModifyDBInstance", "ModifyDBInstance"]
EVERY = [(moment, number) for number in range(len(CALLS)) for moment in ("call", "answer")]
HALF_WAY = [("answer", 0), ("call", 3), ("answer", 3), ("answer", 4)]
KEPT = "shop-broken"


class Killed(BaseException):
    pass


def perform(account: RdsAccount, record: Any = lambda event, **fields: None, **wishes: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(OPERATION.arguments).validate({**account.options, **wishes})
    assert not checked.error_messages
    return outcome(OPERATION, checked.validated_parameters, Run(record=record))


def cut_off(account: RdsAccount, moment: str, number: int, **wishes: Any) -> None:
    """The run ends just before, or just after, the call of that number."""
    seen: list[str] = []

    def record(event: str, **fields: Any) -> None:
        if event == moment:
            seen.append(fields["method"])
            if len(seen) > number:
                raise Killed

    with pytest.raises(Killed):
        perform(account, record, **wishes)
    assert seen == CALLS[: number + 1]


@pytest.mark.parametrize(("moment", "number"), EVERY if os.environ.get("LASTGOOD_EVERY_CRASH") else HALF_WAY)
def test_the_same_command_sees_it_through(account: RdsAccount, moment: str, number: int) -> None:
    good = account.remember(ago=600).isoformat()
    account.write("after the deploy")
    old = account.described()["shop"]
    cut_off(account, moment, number, good_at=good, keep_as=KEPT)
    result = perform(account, good_at=good, keep_as=KEPT)
    assert not result.get("failed"), result
    account.settle()
    after = account.described()
    assert set(after) == {"shop", KEPT}
    assert (account.rows(), account.rows(KEPT)) == (["first"], ["after the deploy", "first"])
    assert (after[KEPT]["DbiResourceId"], after["shop"]["DeletionProtection"]) == (old["DbiResourceId"], True)
    assert not perform(account, good_at=good, keep_as=KEPT)["changed"]
    assert perform(account, undo=True)["changed"]
    assert account.described()["shop"]["DbiResourceId"] == old["DbiResourceId"]


def test_between_the_two_names_an_undo_gives_the_old_one_its_own_back(account: RdsAccount) -> None:
    good = account.remember(ago=600).isoformat()
    old = account.described()["shop"]["DbiResourceId"]
    cut_off(account, "call", 4, good_at=good)
    account.settle()
    assert "shop" not in account.described()
    undone = perform(account, undo=True)
    assert undone["changed"], undone
    assert account.described()["shop"]["DbiResourceId"] == old
    assert perform(account, good_at=good)["changed"]


def test_somebody_else_who_swaps_at_the_same_time(account: RdsAccount) -> None:
    good, better = account.remember(ago=600).isoformat(), account.remember(ago=500).isoformat()
    others: list[dict[str, Any]] = []

    def record(event: str, **fields: Any) -> None:
        if event == "call" and fields["method"] == "AddTagsToResource" and not others:
            others.append({})
            others[0].update(perform(account, good_at=better))
            assert not others[0].get("failed"), others

    late = perform(account, record, good_at=good)
    assert late["error"] == "Locked", late
    account.settle()
    assert account.described()["shop"]["DbiResourceId"] == others[0]["serves"]["id"]
    assert "somebody else" in late["msg"]
