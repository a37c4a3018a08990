"""The five teams' inventories: each is free of mistakes, and plans a rollback of its own targets."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import ROOT, Operator

pytestmark = pytest.mark.once
OVERLAYS = "tests/playbooks/overlays"
EXAMPLES = {
    "rachelfoods": ("storefront", ("frontend storefront", "backend api")),
    "realco": ("storefront", ("frontend app", "backend api")),
    "huntaze": ("storefront", ("frontend app",)),
    "generic-levels": ("", ("backend core-api",)),
    "derrimut": ("storefront", ("frontend platform", "backend functions")),
}
"""By team: what is broken, and the rows of the plan."""
PERSON = ["-c", "user.name=A", "-c", "user.email=a@example.com"]


def history(folder: Path) -> Path:
    """A repository with two releases that are tagged as stable, and the second is broken."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    for number in (1, 2):
        (folder / "app").write_text(str(number))
        subprocess.run(["git", "-C", str(folder), "add", "app"], check=True)
        when = os.environ | {f"GIT_{who}_DATE": f"2026-01-0{number}T12:00:00Z" for who in ("AUTHOR", "COMMITTER")}
        subprocess.run(["git", "-C", str(folder), *PERSON, "commit", "-q", "-m", f"release {number}"], check=True, env=when)
        subprocess.run(["git", "-C", str(folder), *PERSON, "tag", f"v1.{number}.0-stable"], check=True)
    return folder


def test_there_is_one_for_each_runbook() -> None:
    assert {path.name for path in (ROOT / "docs/examples").iterdir() if path.is_dir()} == set(EXAMPLES)
    assert all((ROOT / "docs/examples" / team / "README.md").is_file() for team in EXAMPLES)


@pytest.mark.parametrize("team", EXAMPLES)
def test_it_has_no_mistake_and_plans(box: Box, operator: Operator, tmp_path: Path, team: str) -> None:
    broken, rows = EXAMPLES[team]
    if broken:
        box.ship(broken, "breaks-checkout")
    environment = {
        "LASTGOOD_EXAMPLE_REPOSITORY": f"file://{history(tmp_path / 'core-api')}",
        "LASTGOOD_SANDBOX_STATE": str(box.state_dir),
        "SHOP_TEST_PASSWORD": "sandbox-password",
    }
    inventories = ("-i", f"docs/examples/{team}", "-i", f"{OVERLAYS}/{team}.yml")
    bad_at = None if broken else datetime.now(UTC).isoformat()  # nobody sees from outside that it is broken
    planned = operator.run("--check", "--diff", *inventories, environment=environment, bad_at=bad_at)
    assert planned.code == 0, planned.screen
    assert [row for row in rows if row not in planned.words] == [], planned.screen
    assert "PRODUCTION" in planned.screen
