"""awx/apply.yml gives awx.awx's modules what they take, and all that the definitions say."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from awx.definitions import ROOT, Definitions
from tests import awx_collection

pytestmark = pytest.mark.once
MADE = Definitions(yaml.safe_load((ROOT / "awx/settings.yml").read_text()))
ALL = {name: rows for content in MADE.files().values() for name, rows in content.items()}
(PLAY,) = yaml.safe_load((ROOT / "awx/apply.yml").read_text())
READS = {re.sub(r"[{} ]", "", str(task["loop"])): task for task in PLAY["tasks"]}


@pytest.fixture(scope="session")
def modules() -> Path:
    try:
        return awx_collection.path() / awx_collection.FOLDER / "plugins/modules"
    except awx_collection.Unavailable as reason:
        pytest.skip(str(reason))


def module(task: dict[str, Any]) -> str:
    return next(key for key in task if key.startswith("awx.awx."))


def documented(path: Path) -> dict[str, Any]:
    """The options that the module's documentation has, as an argument specification."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            return specification(yaml.safe_load(ast.literal_eval(node.value))["options"])
    raise AssertionError(path)


def specification(options: dict[str, Any]) -> dict[str, Any]:
    kept = ("type", "elements", "choices", "required", "aliases")
    return {
        name: {key: option[key] for key in kept if key in option}
        | ({"options": specification(option["suboptions"])} if option.get("suboptions") else {})
        for name, option in options.items()
    }


def test_every_list_is_applied_and_every_file_read() -> None:
    assert {name for name in READS if name.startswith("controller_")} == set(ALL)
    assert {Path(file).name for file in PLAY["vars_files"]} == {f"{name}.yml" for name in MADE.files()}
    assert {path.name for path in (ROOT / "awx/controller").iterdir()} == {Path(file).name for file in PLAY["vars_files"]}


@pytest.mark.parametrize("name", ALL)
def test_awx_takes_what_is_defined(name: str, modules: Path) -> None:
    task = READS[name]
    given = {option: re.findall(r"\bitem\.(\w+)", text)[0] for option, text in task[module(task)].items()}
    validator = ArgumentSpecValidator(documented(modules / f"{module(task).rpartition('.')[2]}.py"))
    for row in ALL[name]:
        assert set(row) <= set(given.values()), "what is defined and not applied"
        checked = validator.validate({option: row[key] for option, key in given.items() if key in row})
        assert not checked.error_messages, (row.get("name", row), checked.error_messages)
        assert not checked.unsupported_parameters


def test_the_version_is_that_of_the_requirements(modules: Path) -> None:
    (wanted,) = yaml.safe_load((ROOT / "awx/requirements.yml").read_text())["collections"]
    had = yaml.safe_load((modules.parents[1] / "MANIFEST.json").read_text())["collection_info"]
    assert (wanted["name"], wanted["version"]) == (f"{had['namespace']}.{had['name']}", had["version"])
