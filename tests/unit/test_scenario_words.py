"""What is broken, in words that can be read aloud."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import scenario_words

ROOT = Path(__file__).resolve().parents[2]


def test_every_scenario_of_a_playbook_has_words_of_its_own() -> None:
    opened = {name for path in (ROOT / "playbooks").glob("*.yml") for name in re.findall(r"open_scenario: (\w+)", path.read_text())}
    assert opened > {"checkout", "performance", "feature"}
    assert opened - {"checkout"} <= set(scenario_words.BROKEN) & set(scenario_words.WORKS)


def test_they_read_well() -> None:
    assert scenario_words.state("checkout", False) == "Checkout is broken"
    assert scenario_words.state("performance", False) == "Pages are slow"
    assert scenario_words.state("configuration", False) == "The configuration is wrong"
