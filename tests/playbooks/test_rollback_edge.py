"""A broken function at the edge and overwritten uploads: seen, reverted, and looked at from every point of presence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.aws.contents import REGION, UPLOADS
from sandbox.aws.seed import DISTRIBUTION, FUNCTION, PICTURES
from sandbox.testing import Box, free_ports
from tests.playbooks.driving import Operator, Ran, calls, read_journal
from tests.playbooks.looking import edge
from tests.playbooks.scenarios import CONFIGURATION, EDGE, break_configuration, break_edge

pytestmark = pytest.mark.once
SECRET = "sandbox-aws-secret-key"


@pytest.fixture
def box(aws: Box) -> Box:
    return aws


@pytest.fixture
def operator(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("HOME", str(tmp_path))
    return Operator(box, tmp_path / "incidents")


def run(operator: Operator, *arguments: str, **more: Any) -> Ran:
    return operator.run(*arguments, playbook=EDGE, **more)


def uploads(box: Box) -> dict[str, str]:
    """What the bucket shows, by key."""
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": REGION}
    rows = boto3.client("s3", endpoint_url=box.aws_url, **keys).list_objects_v2(Bucket=UPLOADS).get("Contents", [])
    return {row["Key"]: row["ETag"] for row in rows}


WELL = {"version": f"{FUNCTION}:3", "checkout": 200, "pictures": dict.fromkeys(PICTURES, True)}


def test_planned_and_rolled_back_everywhere_once(box: Box, operator: Operator) -> None:
    good = uploads(box)
    bad_at = break_edge(box)
    bad = uploads(box)
    assert bad != good
    before = edge(box)
    assert all(pop["checkout"] == 503 and False in pop["pictures"].values() for pop in before.values())

    planned = run(operator, "--check", "--diff", "-vvvv", bad_at=bad_at)
    assert planned.code == 0, planned.screen
    assert "5 written over again, 1 hidden" in planned.words
    assert f'"serving": "{FUNCTION}:3"' in planned.screen
    assert SECRET not in planned.screen
    assert (uploads(box), edge(box)) == (bad, before)
    assert not operator.incidents()

    ran = run(operator, bad_at=bad_at)
    assert ran.code == 0, ran.screen
    assert uploads(box) == good
    assert all(pop == WELL for pop in edge(box).values())
    assert ran.totals[1:] == (3, 0)
    journal = operator.journal()
    methods = [method for _target, method, _path in calls(journal)]
    assert set(methods[:-2]) == {"CopyObject", "DeleteObjects"}
    assert methods[-2:] == ["UpdateDistribution", "CreateInvalidation"]
    report = (operator.incident() / "report.md").read_text()
    assert "RESTORED" in report
    assert "Interruptions" not in report
    looked = next(event for event in journal if event["event"] == "checked" and "addresses" in event)
    assert {row["point_of_presence"] for row in looked["addresses"]} == set(box.edge_urls)

    again = run(operator)
    assert again.code == 0, again.screen
    assert again.totals[1:] == (0, 0)
    assert calls(operator.journal()) == calls(journal)


@pytest.mark.once
def test_a_whole_configuration_goes_back(box: Box, operator: Operator) -> None:
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    cloudfront = boto3.client("cloudfront", endpoint_url=box.aws_url, **keys)

    def config() -> dict[str, Any]:
        found: dict[str, Any] = cloudfront.get_distribution_config(Id=DISTRIBUTION)["DistributionConfig"]
        return found

    good = config()
    asked = break_configuration(box)
    bad, where = config(), CONFIGURATION
    planned = run(operator, "--check", "--diff", *where, **asked)
    assert planned.code == 0, planned.screen
    assert "CacheBehaviors" in planned.words
    assert config() == bad
    ran = run(operator, *where, **asked)
    assert ran.code == 0, ran.screen
    assert config() == good
    assert all(pop == WELL for pop in edge(box).values())


@pytest.mark.once
@pytest.mark.parametrize("kind", ["a point of presence", "an alarm"])
def test_what_does_not_answer_is_never_green(box: Box, operator: Operator, kind: str) -> None:
    bad_at = break_edge(box)
    nobody = f"127.0.0.1:{free_ports()}"
    addresses = [url.removeprefix("http://") for url in box.edge_urls.values()]
    silent, words = {
        "a point of presence": ({"edge_addresses": [*addresses, nobody], "edge_timeout": 0}, f"a refused connection at {nobody}"),
        "an alarm": ({"edge_alarms": ["edge-gone"], "edge_cloudwatch_timeout": 0}, "edge-gone: expected OK, got no such alarm"),
    }[kind]
    ran = run(operator, bad_at=bad_at, **silent)
    assert ran.code == 12, ran.screen
    assert "COULD NOT VERIFY" in ran.screen
    assert words in ran.words


@pytest.mark.once
def test_an_aws_that_is_down_or_knows_nobody_changes_nothing(box: Box, operator: Operator) -> None:
    bad_at = break_edge(box)
    box.control("outage", vendor="aws", on=True)
    try:
        ran = run(operator, bad_at=bad_at)
    finally:
        box.control("outage", vendor="aws", on=False)
    assert ran.code == 2, ran.screen
    assert "nothing was changed" in ran.words
    assert "→" in ran.screen
    assert not [event for incident in operator.incidents() for event in read_journal(incident) if event["event"] == "call"]
