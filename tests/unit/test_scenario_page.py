"""docs/scenarios.md: every playbook is on it, every scenario that can be drilled, and what every drill measured."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.playbooks.scenario_page import END, PAGE, ROOT, table, with_table

pytestmark = pytest.mark.once
SANDBOX = ROOT / "inventories/sandbox/group_vars/all"
TEXT = PAGE.read_text()
SCENARIOS = dict(re.findall(r"^\| `(\w+)` \|.*?\(\.\./playbooks/([\w-]+\.yml)\)", TEXT, re.MULTILINE))
FAILURES = yaml.safe_load((SANDBOX / "drills.yml").read_text())["failures"]


def test_no_playbook_is_forgotten() -> None:
    playbooks = {path.name: path.read_text() for path in (ROOT / "playbooks").glob("*.yml")}
    assert set(re.findall(r"\(\.\./playbooks/([\w-]+\.yml)\)", TEXT)) == set(playbooks)
    opened = {found[1]: name for name, text in playbooks.items() if (found := re.search(r"open_scenario: (\w+)", text))}
    by_its_role = {"rollout": "rollout.yml"}
    assert opened | by_its_role == SCENARIOS
    assert set(SCENARIOS) <= set(yaml.safe_load((SANDBOX / "flows.yml").read_text())["flows"])


def test_every_failure_is_answered_by_its_scenarios_playbook_and_was_measured() -> None:
    assert {failure["scenario"]: failure["playbook"].rpartition("/")[2] for failure in FAILURES}.items() <= SCENARIOS.items()
    assert set(SCENARIOS) - {failure["scenario"] for failure in FAILURES} == {"vulnerability", "rollout"}, "nothing watches for these"
    measured = re.findall(r"^\| ([\w-]+) \| (\w+) \|.*\| (\w+) \|$", TEXT, re.MULTILINE)
    expected = [(failure["name"], failure["scenario"], "PASSED") for failure in FAILURES]
    assert measured[1:] == expected, "LASTGOOD_EVERY_DRILL=1 writes them"


def test_what_was_measured_stands_between_the_marks_in_the_inventorys_order() -> None:
    held = {
        "b": {"failure": "b", "scenario": "edge", "fired": ["x", "y"], "seconds": {"detect": 1.26, "broken": None}, "verdict": "FAILED"},
        "a": {"failure": "a", "scenario": "edge", "seconds": {}, "verdict": "FAILED"},
    }
    lines = table(["a", "b", "c"], held).splitlines()
    assert lines[2:] == [
        "| a | edge | nobody | - | - | - | - | - | - | FAILED |",
        "| b | edge | x, y | 1.3 s | - | - | - | - | - | FAILED |",
    ]
    page = f"before\n<!-- drills: begin -->\nold\n{END}after\n"
    once = with_table(page, "new\n")
    assert once == f"before\n<!-- drills: begin -->\n\nnew\n\n{END}after\n"
    assert with_table(once, "new\n") == once
