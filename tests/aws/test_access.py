"""Who asks AWS, what is repeated, and what its errors become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import PAUSES, Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Run, outcome

from sandbox.testing import free_ports
from tests.aws.answering import BROKEN_OFF, INSTANCES, answering, refusal

KEYS = {"region": "eu-west-1", "access_key": "AKIAEXAMPLE", "secret_key": "hush-hush"}
FINE = (200, INSTANCES)


def options(**given: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(OPTIONS).validate(given)
    assert not checked.error_messages
    return checked.validated_parameters


def rds(run: Run | None = None, **given: Any) -> Aws:
    return Aws("rds", options(**{**KEYS, **given}), run or Run())


@pytest.mark.parametrize(
    ("code", "status", "kind", "hint"),
    [
        ("AccessDenied", 403, errors.NotAuthorised, "rds:DescribeDBInstances"),
        ("ExpiredToken", 403, errors.NotAuthorised, "log in again"),
        ("InvalidClientTokenId", 403, errors.NotAuthorised, "does not know this identity"),
        ("SignatureDoesNotMatch", 403, errors.NotAuthorised, "clock"),
        ("OptInRequired", 403, errors.NotAuthorised, "switched"),
        ("DBInstanceNotFound", 404, errors.NotFound, "name and the region"),
        ("InvalidDBInstanceState", 400, errors.Conflict, "run the same command again"),
        ("DBInstanceAlreadyExists", 400, errors.Conflict, "run the same command again"),
        ("InstanceQuotaExceeded", 400, errors.PlanLimit, "quota"),
        ("InvalidParameterValue", 400, errors.BadRequest, "AWS said"),
        ("Strange", 403, errors.NotAuthorised, "IAM policy"),
    ],
)
def test_an_error_says_what_to_do(code: str, status: int, kind: type[errors.RecoveryError], hint: str) -> None:
    with answering(refusal(code, status)) as aws, pytest.raises(kind) as raised:
        rds(endpoint_url=aws.url).get("DescribeDBInstances")
    assert type(raised.value) is kind
    assert raised.value.message == f"AWS rds answered {code} to DescribeDBInstances: no"
    assert hint in raised.value.hint
    assert len(aws.asked) == 1


def test_a_read_is_repeated_and_a_change_is_not() -> None:
    with answering(BROKEN_OFF, refusal("InternalFailure", 500), FINE) as aws:
        assert rds(endpoint_url=aws.url).get("DescribeDBInstances")["DBInstances"] == []
        assert len(aws.asked) == 3
    for lost in (BROKEN_OFF, refusal("InternalFailure", 500)):
        with answering(lost) as aws, pytest.raises(errors.Unanswered, match="RebootDBInstance"):
            rds(endpoint_url=aws.url).send("RebootDBInstance", DBInstanceIdentifier="shop")
        assert aws.asked == ["RebootDBInstance"]


def test_a_change_that_aws_was_too_busy_for_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(PAUSES) > 1
    module = "ansible_collections.lastgood.recovery.plugins.module_utils.aws.service.PAUSES"
    monkeypatch.setattr(module, (0.01, 0.01))
    said: list[str] = []
    fine = "<RebootDBInstanceResponse><RebootDBInstanceResult/></RebootDBInstanceResponse>"
    with answering(refusal("Throttling"), refusal("Throttling"), (200, fine)) as aws:
        rds(Run(tell=said.append), endpoint_url=aws.url).send("RebootDBInstance", DBInstanceIdentifier="shop")
        assert len(aws.asked) == 3
    assert "asks to slow down" in said[0]
    with answering(refusal("Throttling")) as aws, pytest.raises(errors.RateLimited):
        rds(endpoint_url=aws.url).send("RebootDBInstance", DBInstanceIdentifier="shop")
    assert len(aws.asked) == 3


def test_only_changes_are_written_down() -> None:
    written: list[tuple[str, dict[str, Any]]] = []
    run = Run(record=lambda event, **fields: written.append((event, fields)))
    with answering(FINE, refusal("InvalidDBInstanceState"), BROKEN_OFF) as aws:
        api = rds(run, endpoint_url=aws.url)
        api.get("DescribeDBInstances")
        assert not written
        for kind in (errors.Conflict, errors.Unanswered):
            with pytest.raises(kind):
                api.send("ModifyDBInstance", DBInstanceIdentifier="shop", NewDBInstanceIdentifier="old", MasterUserPassword="hush-hush")
    named = {"method": "ModifyDBInstance", "path": "shop old"}
    assert [event for event, _fields in written] == ["call", "answer", "call", "answer"]
    assert all(fields.items() >= named.items() for _event, fields in written)
    assert [fields.get("status") for _event, fields in written] == [None, 400, None, None]


def test_nobody_there() -> None:
    api = rds(endpoint_url=f"http://127.0.0.1:{free_ports()}")
    with pytest.raises(errors.Unavailable, match="cannot be reached: the connection failed"):
        api.get("DescribeDBInstances")


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"region": None}, errors.Refused, "no aws region is known"),
        ({"access_key": None, "secret_key": None}, errors.NotAuthorised, "unable to locate credentials"),
        ({"access_key": None, "secret_key": None, "profile": "nobody"}, errors.NotAuthorised, "nobody"),
        ({"profile": "nobody"}, errors.Refused, "two identities"),
        ({"secret_key": None}, errors.Refused, "half an identity"),
        ({"region": "not a region"}, errors.BadRequest, "not a region"),
    ],
)
def test_without_an_identity_or_a_place_nothing_is_asked(given: dict[str, Any], kind: type[errors.RecoveryError], words: str) -> None:
    given = {"endpoint_url": None if given.get("region") else "http://127.0.0.1:1", **KEYS, **given}
    present = {name: value for name, value in given.items() if value is not None}
    operation = Operation({}, lambda options, run: Aws("rds", options, run).get("DescribeDBInstances"))
    result = outcome(operation, options(**present), Run())
    assert (result["error"], result["changed"]) == (kind.__name__, False)
    assert words in result["msg"].lower()
    assert "nothing was changed" in result["msg"]
    assert "hush-hush" not in str(result)


def test_a_profile_that_is_asked_for_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("[staging]\naws_access_key_id = AKIASTAGING\naws_secret_access_key = x\n")
    (tmp_path / "config").write_text("[profile staging]\nregion = eu-central-1\n")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPRODUCTION")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with answering(FINE) as aws:
        Aws("rds", options(profile="staging", endpoint_url=aws.url), Run()).get("DescribeDBInstances")
        Aws("rds", options(region="eu-west-1", endpoint_url=aws.url), Run()).get("DescribeDBInstances")
        Aws("rds", options(**KEYS, endpoint_url=aws.url), Run()).get("DescribeDBInstances")
    signed = [headers["Authorization"].partition("Credential=")[2].partition("/aws4")[0].split("/") for headers in aws.headers]
    assert [(who, where) for who, _day, where, _service in signed] == [
        ("AKIASTAGING", "eu-central-1"),
        ("AKIAPRODUCTION", "eu-west-1"),
        ("AKIAEXAMPLE", "eu-west-1"),
    ]
    assert all("lastgood-recovery" in headers["User-Agent"] for headers in aws.headers)
