"""Code, data, uploads and the edge are broken at once, and all of it goes back to a recovery point."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sandbox.testing import Box, running
from tests.playbooks.driving import Operator
from tests.playbooks.looking import data, edge, objects, served
from tests.playbooks.scenarios import break_edge, order

pytestmark = pytest.mark.once
DISASTER = "playbooks/disaster-recovery.yml"


def variables(box: Box) -> list[object]:
    """Of the storefront and of the API, as their vendors have them now."""
    state = box.state()
    storefront = next(row for row in state["vercel"]["projects"].values() if row["name"] == "storefront")
    return [{row["key"]: row["value"] for row in storefront["env"].values()}, state["render"]["services"]["srv-api"]["env"]]


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Box]:
    monkeypatch.setenv("HOME", str(tmp_path))
    with running(aws=True) as box:
        yield box


def test_the_whole_stack_goes_back_to_a_recovery_point(box: Box, operator: Operator, tmp_path: Path) -> None:
    def shown() -> list[object]:
        return [served(box), data(box), objects(box), variables(box), {pop: row["pictures"] for pop, row in edge(box).items()}]

    (tmp_path / "password").write_text("a vault password\n")
    vault = ("--vault-password-file", str(tmp_path / "password"))
    captured = operator.run(*vault, playbook="playbooks/capture.yml")
    assert captured.code == 0, captured.screen
    (manifest,) = operator.store.glob("points/*/manifest.json")
    point = json.loads(manifest.read_text())
    good = shown()
    order(box)
    box.control("break", what="configuration")
    for target in ("storefront", "api"):
        box.ship(target, "breaks-checkout")
    break_edge(box)
    box.control("break", what="data")

    box.control("outage", vendor="aws")
    refused = operator.run(playbook=DISASTER, point=point["id"])
    assert refused.code == 2, refused.screen
    assert "nothing was changed" in refused.words
    assert not data(box)["products"]
    box.control("outage", vendor="aws", on=False)

    assert variables(box) != good[3]
    without = operator.check(playbook=DISASTER, point=point["id"])
    assert "Not known: what would have to change at api, which stays as it is" in without.words, without.screen
    ran = operator.run(*vault, playbook=DISASTER, point=point["id"][:15])
    assert ran.code == 0, ran.screen
    assert shown() == good
    _refused, incident = operator.incidents()
    assert yaml.safe_load((incident / "incident.yml").read_text())["good_at"] == point["read_until"]
    assert "RESTORED" in (incident / "report.md").read_text()
