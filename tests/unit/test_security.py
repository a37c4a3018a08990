"""SECURITY.md names tests that exist for what it promises."""

from __future__ import annotations

import ast
import configparser
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_promise_names_tests_that_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    promises = re.split(r"^- \*\*", text, flags=re.MULTILINE)[1:]
    assert len(promises) > 10
    assert [promise.splitlines()[0] for promise in promises if not NAMED.search(promise)] == []
    assert [f"{file}::{name}" for file, name in NAMED.findall(text) if name not in names_in(ROOT / file)] == []


def test_the_default_inventory_is_the_sandbox() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "ansible.cfg")
    assert settings["defaults"]["inventory"] == "inventories/sandbox"


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.stem)
def test_what_is_installed_is_pinned_with_hashes(lock: Path) -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    pinned = re.compile(r"[\w.-]+(\[[\w,]+\])?==\S+")
    assert [entry.splitlines()[0] for entry in entries if not pinned.match(entry) or "--hash=sha256:" not in entry] == []
