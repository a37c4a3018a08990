"""A broken function at the edge and overwritten uploads: seen, reverted, and looked at from every point of presence.

With LASTGOOD_EVERY_CRASH=1 the run is killed after every line of its journal, otherwise after one of them.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from sandbox.aws.contents import REGION, UPLOADS
from sandbox.aws.seed import DISTRIBUTION, FUNCTION, PICTURES
from sandbox.testing import Box, free_ports
from tests.playbooks.driving import Operator, Ran, calls, read_journal

pytestmark = pytest.mark.once
DYING = str(Path(__file__).with_name("dying"))
LINES = 29
"""What an undisturbed run writes to its journal; proved below."""
AT = range(1, LINES + 1) if os.environ.get("LASTGOOD_EVERY_CRASH") else (18,)
PLAYBOOK = "playbooks/rollback-edge.yml"
SECRET = "sandbox-aws-secret-key"


@pytest.fixture
def box(aws: Box) -> Box:
    return aws


@pytest.fixture
def operator(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("HOME", str(tmp_path))
    return Operator(box, tmp_path / "incidents")


def run(operator: Operator, *arguments: str, **more: Any) -> Ran:
    return operator.run(*arguments, playbook=PLAYBOOK, **more)


def uploads(box: Box) -> dict[str, str]:
    """What the bucket shows, by key."""
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": REGION}
    rows = boto3.client("s3", endpoint_url=box.aws_url, **keys).list_objects_v2(Bucket=UPLOADS).get("Contents", [])
    return {row["Key"]: row["ETag"] for row in rows}


def seen(box: Box) -> dict[str, dict[str, Any]]:
    """What visitors of each point of presence get: the function's version, and whether all is well."""
    found = {}
    for pop, url in box.edge_urls.items():
        checkout = requests.get(f"{url}/checkout", timeout=10)
        pictures = {path: words in requests.get(url + path, timeout=10).text for path, words in PICTURES.items()}
        found[pop] = {
            "version": checkout.headers.get("x-edge-version"),
            "checkout": checkout.status_code,
            "pictures": set(pictures.values()),
        }
    return found


WELL = {"version": f"{FUNCTION}:3", "checkout": 200, "pictures": {True}}


def broken(box: Box) -> str:
    """The function's release and, in a later second, the uploads; since when."""
    box.ship(FUNCTION, "breaks-checkout")
    at = datetime.now(UTC)
    while datetime.now(UTC).replace(microsecond=0) <= at:
        time.sleep(0.05)  # S3 dates versions in whole seconds
    box.ship(UPLOADS.removeprefix("rachelfoods-"), "breaks-checkout")
    return at.isoformat()


def test_planned_rolled_back_everywhere_and_undone(box: Box, operator: Operator) -> None:
    good = uploads(box)
    bad_at = broken(box)
    bad = uploads(box)
    assert bad != good
    before = seen(box)
    assert all(pop["checkout"] == 503 and False in pop["pictures"] for pop in before.values())

    planned = run(operator, "--check", "--diff", "-vvvv", bad_at=bad_at)
    assert planned.code == 0, planned.screen
    assert "5 written over again, 1 hidden" in planned.words
    assert f'"serving": "{FUNCTION}:3"' in planned.screen
    assert SECRET not in planned.screen
    assert (uploads(box), seen(box)) == (bad, before)
    assert not operator.incidents()

    ran = run(operator, bad_at=bad_at)
    assert ran.code == 0, ran.screen
    assert uploads(box) == good
    assert all(pop == WELL for pop in seen(box).values())
    assert ran.totals[1:] == (3, 0)
    journal = operator.journal()
    assert len(journal) == LINES
    methods = [method for _target, method, _path in calls(journal)]
    assert set(methods[:-2]) == {"CopyObject", "DeleteObjects"}
    assert methods[-2:] == ["UpdateDistribution", "CreateInvalidation"]
    report = (operator.incident() / "report.md").read_text()
    assert "RESTORED" in report
    assert "Interruptions" not in report
    edge = next(event for event in journal if event["event"] == "checked" and "addresses" in event)
    assert {row["point_of_presence"] for row in edge["addresses"]} == set(box.edge_urls)

    again = run(operator)
    assert again.code == 0, again.screen
    assert again.totals[1:] == (0, 0)
    assert calls(operator.journal()) == calls(journal)

    undone = operator.run(playbook="playbooks/undo.yml", scenario="edge", confirmed="UNDO SANDBOX edge")
    assert undone.code == 0, undone.screen
    assert all(pop["checkout"] == 503 and False in pop["pictures"] for pop in seen(box).values())
    assert operator.fields()["state"] == "undone"


@pytest.mark.once
def test_a_whole_configuration_goes_back_and_forth(box: Box, operator: Operator) -> None:
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    cloudfront = boto3.client("cloudfront", endpoint_url=box.aws_url, **keys)

    def config() -> dict[str, Any]:
        found: dict[str, Any] = cloudfront.get_distribution_config(Id=DISTRIBUTION)["DistributionConfig"]
        return found

    good = config()
    bad = {**good, "Comment": "Somebody was in a hurry", "CacheBehaviors": {"Quantity": 0}}
    etag = cloudfront.get_distribution_config(Id=DISTRIBUTION)["ETag"]
    cloudfront.update_distribution(Id=DISTRIBUTION, DistributionConfig=bad, IfMatch=etag)
    bad = config()
    time.sleep(2)  # the second before the plan is what an undo goes forward to
    where = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/edge_configuration.yml", "--limit", "uploads:distribution")
    probe = {"name": "pictures", "url": "http://edge.rachelfoods.test/uploads/products/bread.svg", "expect": {"contains": "<svg"}}
    asked = {"edge_probes": [probe], "good_at": at}
    planned = run(operator, "--check", "--diff", *where, **asked)
    assert planned.code == 0, planned.screen
    assert "CacheBehaviors" in planned.words
    assert config() == bad
    ran = run(operator, *where, **asked)
    assert ran.code == 0, ran.screen
    assert config() == good
    assert all(pop == WELL for pop in seen(box).values())
    assert run(operator, *where, edge_probes=[probe]).totals[1:] == (0, 0)
    undone = operator.run(*where, playbook="playbooks/undo.yml", scenario="edge", confirmed="UNDO SANDBOX edge")
    assert undone.code == 0, undone.screen
    assert config() == bad


@pytest.mark.once
@pytest.mark.parametrize("kind", ["a point of presence", "an alarm"])
def test_what_does_not_answer_is_never_green(box: Box, operator: Operator, kind: str) -> None:
    bad_at = broken(box)
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
    bad_at = broken(box)
    box.control("outage", vendor="aws", on=True)
    try:
        ran = run(operator, bad_at=bad_at)
    finally:
        box.control("outage", vendor="aws", on=False)
    assert ran.code == 2, ran.screen
    assert "nothing was changed" in ran.words
    assert "→" in ran.screen
    assert not [event for incident in operator.incidents() for event in read_journal(incident) if event["event"] == "call"]


@pytest.mark.once
@pytest.mark.parametrize("line", AT)
def test_killed_after_a_line_of_the_journal(box: Box, operator: Operator, line: int) -> None:
    good, bad_at = uploads(box), broken(box)
    killed = run(operator, bad_at=bad_at, environment={"PYTHONPATH": DYING, "DIES_AT": str(line)})
    assert killed.code == -signal.SIGKILL, killed.screen
    again = run(operator, bad_at=bad_at)
    assert again.code == 0, again.screen
    assert uploads(box) == good
    assert all(pop == WELL for pop in seen(box).values())
    assert run(operator).totals[1:] == (0, 0)
