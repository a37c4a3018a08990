"""The schema of inventories: it is one, has every option of the modules and every variable of its page, and takes every inventory."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.lastgood.recovery.plugins.module_utils import json_schema

from tests.unit.argument_schemas import PUBLISHED, generated, published

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("sandbox", "staging", "production")


def files_of(inventory: Path) -> list[str]:
    return sorted(str(path.relative_to(inventory)) for path in inventory.rglob("*") if path.is_file())


def inventories() -> list[Path]:
    examples = sorted(path for path in (ROOT / "docs/examples").glob("*") if path.is_dir())
    return [*(ROOT / "inventories" / name for name in ENVIRONMENTS), *examples]


def test_it_has_the_options_that_the_modules_have() -> None:
    """C(LASTGOOD_WRITE_SCHEMA=1) writes them."""
    document, options = published(), generated()
    current = {**document, "$defs": {**document["$defs"], **options}}
    if os.environ.get("LASTGOOD_WRITE_SCHEMA"):
        current["properties"] = dict(sorted(current["properties"].items()))
        PUBLISHED.write_text(written(current) + "\n", encoding="utf-8")
        document = published()
    assert document == current, "write it with LASTGOOD_WRITE_SCHEMA=1"
    assert all(name in options for name in document["$defs"] if name.startswith(("service_", "reached_")) or name.endswith("_options"))


def written(value: Any, indent: int = 0) -> str:
    """JSON with what fits into 140 columns on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= 138 or not isinstance(value, dict | list):
        return line
    inside, end = " " * (indent + 2), " " * indent
    if isinstance(value, dict):
        parts = [f"{inside}{json.dumps(name)}: {written(part, indent + 2)}" for name, part in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{end}}}"
    return "[\n" + ",\n".join(f"{inside}{written(part, indent + 2)}" for part in value) + f"\n{end}]"


def test_it_is_a_schema_and_says_nothing_that_is_not_understood() -> None:
    document = published()
    jsonschema.Draft202012Validator.check_schema(document)
    annotations = {"$schema", "$id", "$defs", "title", "description", "x-place", "x-environment"}

    def keywords(part: dict[str, Any]) -> set[str]:
        nested = [one for name in ("properties", "$defs") for one in part.get(name, {}).values()]
        nested += [one for name in ("items", "propertyNames", "additionalProperties") if isinstance(one := part.get(name), dict)]
        nested += [one for name in ("anyOf", "oneOf") for one in part.get(name, [])]
        return set(part).union(*(keywords(one) for one in nested))

    assert keywords(document) - annotations <= json_schema.KEYWORDS
    assert list(document["properties"]) == sorted(document["properties"])


def test_every_variable_is_on_the_page_of_inventories_and_the_other_way_round() -> None:
    page = (ROOT / "docs/inventory.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", page, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert documented == set(published()["properties"])


def test_environments_have_the_same_file_names() -> None:
    names = [files_of(ROOT / "inventories" / name) for name in ENVIRONMENTS]
    assert names[0] == names[1] == names[2]


@pytest.mark.parametrize("inventory", inventories(), ids=lambda path: path.name)
def test_every_inventory_is_valid_for_other_programs_too(inventory: Path) -> None:
    validator = jsonschema.Draft202012Validator(published())
    files = [path for path in inventory.rglob("*.yml") if path.parent.name != inventory.name or path.name != "hosts.yml"]
    assert files
    for path in files:
        assert [fault.message for fault in validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))] == [], path
