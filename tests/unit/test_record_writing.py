"""The record of a whole store: written when something differs, complete, and never over what people wrote."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.lessons import draft, read_lessons
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.record.writing import RECORD
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome

from tests.browser.crafted import incident, journal

pytestmark = pytest.mark.once
FILES = {"index.html", "metrics.json", "metrics.md", "rollback-log.csv", "rollback-log.md", "lessons-learned.md"}


def keep(store: Path, name: str, events: list[dict[str, Any]] | None = None, **fields: Any) -> Path:
    """An incident as a run leaves it behind."""
    directory = store / name
    directory.mkdir(parents=True)
    plain = {key: str(value) if key == "opened_at" else value for key, value in incident(id=name, moment_given=True, **fields).items()}
    (directory / "incident.yml").write_text(yaml.safe_dump(plain))
    lines = [json.dumps(event) for event in (journal() if events is None else events)]
    (directory / "journal.jsonl").write_text("\n".join(lines) + "\n")
    return directory


def write(store: Path, check: bool = False, **options: Any) -> dict[str, Any]:
    given = {"incident": None, "objectives": {}, "drill_environments": [], **options}
    return outcome(RECORD, {"store": str(store), **given}, Run(check=check))


def contents(store: Path) -> dict[str, bytes]:
    return {str(path.relative_to(store)): path.read_bytes() for path in store.rglob("*") if path.is_file()}


def test_without_any_incident(tmp_path: Path) -> None:
    store = tmp_path / "new"
    assert write(store, check=True)["changed"]
    assert not store.exists()
    assert write(store)["changed"]
    assert contents(store).keys() == FILES
    assert not write(store)["changed"]


def test_check_mode_says_what_the_run_then_writes_and_the_second_run_nothing(tmp_path: Path) -> None:
    keep(tmp_path, "2026-11-22-checkout")
    keep(tmp_path, "2026-11-23-edge", state="started", scenario="edge", environment="staging")
    before = contents(tmp_path)
    foreseen = write(tmp_path, check=True)
    assert contents(tmp_path) == before
    done = write(tmp_path)
    assert foreseen["written"] == done["written"]
    written = {str(Path(path).relative_to(tmp_path)) for path in done["written"]}
    assert written == FILES | {"2026-11-22-checkout/lessons.md"}
    assert {name for name, content in contents(tmp_path).items() if before.get(name) != content} == written
    assert not write(tmp_path, check=True)["changed"]
    again = write(tmp_path)
    assert (again["changed"], again["written"]) == (False, [])


def test_the_report_of_one_incident(tmp_path: Path) -> None:
    keep(tmp_path, "2026-11-22-checkout")
    keep(tmp_path, "2026-11-23-checkout")
    assert write(tmp_path, incident="2026-11-22-checkout")["changed"]
    assert (tmp_path / "2026-11-22-checkout/report.html").exists()
    assert not (tmp_path / "2026-11-23-checkout/report.html").exists()
    assert 'href="2026-11-22-checkout/report.html"' in (tmp_path / "index.html").read_text()
    assert "playbooks/undo.yml" in (tmp_path / "2026-11-22-checkout/report.md").read_text()
    assert not write(tmp_path, incident="2026-11-22-checkout")["changed"]
    assert write(tmp_path, incident="../elsewhere")["msg"].startswith("there is no incident ../elsewhere in")


def spoil(directory: Path, how: str) -> None:
    path = directory / "incident.yml"
    if how == "gone":
        path.unlink()
    elif how == "journal":
        (directory / "journal.jsonl").unlink()
        (directory / "journal.jsonl").mkdir()
    elif how == "plan":
        (directory / "plan.json").write_text("{")
    else:
        contents = {"YAML": b"{", "binary": b"\xff\xfe\x00", "list": b"- 1", "empty": b"", "time": b"environment: x\nscenario: y\n"}
        path.write_bytes(contents[how])


@pytest.mark.parametrize("how", ["gone", "YAML", "binary", "list", "empty", "time", "journal", "plan"])
def test_what_cannot_be_read_is_named_everywhere(tmp_path: Path, how: str) -> None:
    keep(tmp_path, "2026-11-22-checkout")
    spoil(keep(tmp_path, "2026-11-23-checkout"), how)
    told = write(tmp_path)
    assert list(told["unreadable"]) == ["2026-11-23-checkout"]
    assert told["warnings"][0].startswith("2026-11-23-checkout cannot be read: ")
    assert told["summary"].startswith("1 rollback in 1 incident, 1 that cannot be read")
    for name in ("index.html", "metrics.md", "metrics.json"):
        assert "2026-11-23-checkout" in (tmp_path / name).read_text(), name
    assert not write(tmp_path)["changed"]


def test_a_journal_that_was_changed_is_marked(tmp_path: Path) -> None:
    keep(tmp_path, "2026-11-22-checkout", [{**journal()[0], "prev": "0", "hash": "0"}, *journal()[1:]])
    write(tmp_path)
    assert "journal TAMPERED" in (tmp_path / "index.html").read_text()


def test_lessons_are_a_draft_until_there_is_a_root_cause_and_then_theirs(tmp_path: Path) -> None:
    lessons = keep(tmp_path, "2026-11-22-checkout") / "lessons.md"
    write(tmp_path)
    text = lessons.read_text()
    assert "- Detection: 3 min 5 s" in text
    assert "## Open\n\n- [2026-11-22-checkout](2026-11-22-checkout/lessons.md)" in (tmp_path / "lessons-learned.md").read_text()
    text = text.replace('title: "" ', "title: Form library drops the card field").replace("tags: []", "tags: [Checkout, forms]")
    text = text.replace("users_affected:", "users_affected: 120")
    text = text.replace("## Root Cause\n", "## Root Cause\n\nThe library was\nupgraded.\n")
    lessons.write_text(text)
    assert write(tmp_path)["changed"]
    assert lessons.read_text() == text
    index = (tmp_path / "lessons-learned.md").read_text()
    for words in ("1 written, 0 open", "Form library drops the card field", "- Tags: checkout, forms", "- Users affected: 120",
                  "- Root cause: The library was upgraded.", "- forms: [2026-11-22-checkout]"):
        assert words in index
    lessons.write_text("")
    write(tmp_path)
    assert lessons.read_text() == ""


@pytest.mark.parametrize(("content", "state"), [
    (None, "open"), ("", "open"), ("## Root cause:\n\nA typo.", "written"), ("---\ntags: {\n---\n## Root Cause\nx", "unreadable"),
    ("---\n- 1\n---\n", "unreadable"), ("## Root Cause\n<!-- later\n", "open"),
    ("\ufeff---\r\ntags: a; b\r\n---\r\n# Root Cause\r\nx\r\n", "written"),
    ("## Root Cause\n## Prevention\nmore tests", "open"), ("---\ntitle: no end", "open"),
])
def test_lessons_in_any_form(content: str | None, state: str) -> None:
    assert read_lessons(content)["state"] == state


def test_a_draft_is_open_whatever_the_reason_says(tmp_path: Path) -> None:
    from tests.unit.test_record_entry import entry

    made = draft(entry(reason="## Root Cause\n{nothing} --- yes\n\n# Root Cause\nthat"))
    assert read_lessons(made)["state"] == "open"
    assert read_lessons(made)["why"] == ""
