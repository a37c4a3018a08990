"""The whole stack captured by one command, changed, compared, and rolled back from the recovery point without naming it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.aws.seed import DISTRIBUTION
from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran

pytestmark = pytest.mark.once
SECRETS = ("pk_storefront", "sandbox-aws-secret-key", "sandbox-vercel-token", "a vault password")
PLAYS = "tests/playbooks/plays"
WHERE = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/edge_from_points.yml", "--limit", "all:!database")
KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}


@pytest.fixture
def box(aws: Box) -> Box:
    return aws


@pytest.fixture
def operator(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "password").write_text("a vault password\n")
    return Operator(box, tmp_path / "incidents")


def played(operator: Operator, playbook: str, *arguments: str, **variables: Any) -> Ran:
    password = str(operator.store.with_name("password"))
    return operator.run(*WHERE, "--vault-password-file", password, *arguments, playbook=playbook, **variables)


def manifests(operator: Operator) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(operator.store.glob("points/*/manifest.json"))]


def test_captured_changed_compared_and_rolled_back_from_the_point(box: Box, operator: Operator) -> None:
    cloudfront = boto3.client("cloudfront", endpoint_url=box.aws_url, **KEYS)

    def config() -> dict[str, Any]:
        found: dict[str, Any] = cloudfront.get_distribution_config(Id=DISTRIBUTION)["DistributionConfig"]
        return found

    def variables() -> dict[str, str]:
        rows = box.state()["vercel"]["projects"]["prj_storefront"]["env"].values()
        return {row["key"]: row["value"] for row in rows}

    planned = played(operator, "playbooks/capture.yml", "--check", label="before 1da74ce")
    assert planned.code == 0, planned.screen
    assert "a recovery point of 9 targets would be captured" in planned.words
    assert not operator.store.exists()

    captured = played(operator, "playbooks/capture.yml", "-vvvv", label="before 1da74ce")
    assert captured.code == 0, captured.screen
    assert not [secret for secret in SECRETS if secret in captured.screen]
    first = manifests(operator)[0]
    assert first["complete"]
    assert {(row["target"], row["what"], row["cannot"]) for row in first["missing"]} >= {("headers", "variables", True)}
    assert first["targets"]["delivery-slots"]["flag"] == {"vendor": "LaunchDarkly", "value": False}
    directory = operator.store / "points" / first["id"]
    assert all((directory / name / f"{target}.json").read_text().startswith("$ANSIBLE_VAULT;")
               for name, target in (("variables", "storefront"), ("variables", "api"), ("cloudfront", "distribution")))
    good, good_at = config(), datetime.now(UTC).isoformat()
    before = variables()

    time.sleep(1)  # CloudFront dates configurations in whole seconds
    bad = {**good, "Comment": "Somebody was in a hurry", "CacheBehaviors": {"Quantity": 0}}
    etag = cloudfront.get_distribution_config(Id=DISTRIBUTION)["ETag"]
    cloudfront.update_distribution(Id=DISTRIBUTION, DistributionConfig=bad, IfMatch=etag)
    compared = played(operator, f"{PLAYS}/changed_and_captured.yml", compare=f"{first['id']},newest")
    assert compared.code == 0, compared.screen
    assert "distribution: settings CacheBehaviors" in compared.words
    assert "storefront: variables changed LOG_LEVEL" in compared.words
    assert "planted-value" not in compared.screen

    probe = {"name": "pictures", "url": "http://edge.rachelfoods.test/uploads/products/bread.svg", "expect": {"contains": "<svg"}}
    where = ("--limit", "uploads:distribution:storefront")
    ran = played(operator, f"{PLAYS}/back_to_a_point.yml", *where, good_at=good_at, edge_probes=[probe])
    assert ran.code == 0, ran.screen
    assert config() == good
    assert f"as in recovery point {first['id']}" in ran.words
    assert variables() == before
