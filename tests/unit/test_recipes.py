"""The recipes for teams of each size: what they put into an inventory has no mistake, and every command in them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.check import check
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
RECIPES = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def mistakes(inventory: Path) -> list[str]:
    try:
        check({"sources": [str(inventory)]}, Run(), None)
    except Refused as refused:
        return [f"{row['file']}:{row['line']}: {row['says']}" for row in refused.facts["findings"]]
    return []


def test_each_recipe_on_top_of_those_before_it_is_an_inventory_without_mistakes(tmp_path: Path) -> None:
    inventory, recipes = tmp_path / "production", RECIPES.split("\n## ")[1:]
    assert len(recipes) == 3
    for recipe in recipes:
        blocks = BLOCK.findall(recipe)
        assert len(blocks) == recipe.count("```yaml"), recipe.splitlines()[0]
        for name, content in blocks:
            (inventory / name).parent.mkdir(parents=True, exist_ok=True)
            (inventory / name).write_text(content, encoding="utf-8")
        assert mistakes(inventory) == [], recipe.splitlines()[0]
    hosts = inventory / "hosts.yml"
    hosts.write_text(hosts.read_text(encoding="utf-8").replace("version_urls", "version_url"), encoding="utf-8")
    assert mistakes(inventory)  # somebody looked


def test_every_playbook_and_script_in_them_is_there() -> None:
    named = set(re.findall(r"\b(?:playbooks|scripts)/[a-z-]+(?:\.yml)?", RECIPES))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
