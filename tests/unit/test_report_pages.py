"""What the report's two pages show, and what they never let through."""
from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report import read_report
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_html import as_html
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_markdown import as_markdown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_postmortem import as_postmortem
from markdown_it import MarkdownIt

from tests.browser.crafted import NOW, at, incident, journal
from tests.browser.crafted_whole import whole_incident, whole_journal

HOSTILE = "~~gone~~ </title></svg><script>alert(1)</script><img src=x onerror=alert(1)>\"'`| [a](javascript:alert(1))\n# injected\n| x |"


class Elements(HTMLParser):
    """The elements a browser would build, each with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def hostile(value: Any) -> Any:
    """The value with every text in it replaced, except those that steer the report."""
    if isinstance(value, dict):
        steering = {"at", "event", "status", "verdict", "created_at", "live_from", "opened_at", "bad_at", "good_at", "environment"}
        return {key: one if key in steering else hostile(one) for key, one in value.items()}
    if isinstance(value, list):
        return [hostile(one) for one in value]
    return HOSTILE if isinstance(value, str) else value


def facts(**more: Any) -> dict[str, Any]:
    return read_report(incident(**more), journal(), NOW)


EVERYTHING = (whole_incident(), whole_journal())


def test_the_page_runs_nothing_and_asks_for_nothing() -> None:
    poisoned = read_report(hostile(EVERYTHING[0]), hostile(EVERYTHING[1]), NOW)
    elements = Elements(as_html(poisoned)).found
    plain = {tag for tag, _attributes in Elements(as_html(read_report(*EVERYTHING, NOW))).found}
    assert {tag for tag, _attributes in elements} <= plain
    assert not plain & {"script", "img", "iframe", "link", "object", "a", "base", "form"}
    names = {name for _tag, attributes in elements for name in attributes}
    assert not {name for name in names if name.startswith("on")} | (names & {"src", "href", "srcset", "action"})


@pytest.mark.parametrize("write", [as_markdown, as_postmortem])
@pytest.mark.parametrize("quoted", [HOSTILE, "# injected", "- injected\n\n# x", "7. injected", "+ injected", "<!-- gone", "``` x"])
def test_markdown_quotes_what_it_did_not_write(write: Any, quoted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.HOSTILE", quoted)
    page = write(read_report(hostile(EVERYTHING[0]), hostile(EVERYTHING[1]), NOW))
    rendered = Elements(MarkdownIt("gfm-like", {"linkify": False}).render(page)).found
    ours = Elements(MarkdownIt("gfm-like", {"linkify": False}).render(write(read_report(*EVERYTHING, NOW)))).found
    assert {tag for tag, _attributes in rendered} <= {tag for tag, _attributes in ours}
    assert not {"script", "img", "a"} & {tag for tag, _attributes in rendered}
    assert [tag for tag, _attributes in rendered].count("h1") == 1


@pytest.mark.parametrize("write", [as_html, as_markdown])
def test_nothing_quoted_can_steer_a_terminal_or_turn_the_text_round(write: Any) -> None:
    page = write(facts(reason="one\x1b[31mtwo\x9b5m\u202ethree\x00\ud800"))
    assert "one [31mtwo" in page.replace("\\[", "[")
    assert {letter for letter in page if not letter.isprintable()} == {"\n"}


def test_markdown_tables_keep_their_columns() -> None:
    for one in (facts(), read_report(*EVERYTHING, NOW), read_report(hostile(EVERYTHING[0]), hostile(EVERYTHING[1]), NOW)):
        tables = re.findall(r"(?:^\|.*\n)+", as_markdown(one), flags=re.MULTILINE)
        assert len(tables) == 7
        for table in tables:
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_markdown_tables_fit_a_terminal_until_the_full_record() -> None:
    for one in (facts(), read_report(*EVERYTHING, NOW)):
        told = as_markdown(one).split("<details>")[0]
        assert [line for line in told.splitlines() if line.startswith("|") and len(line) > 80] == []


@pytest.mark.parametrize("write", [as_html, as_markdown])
def test_everything_asked_for_at_three_in_the_morning_is_there(write: Any) -> None:
    page = write(facts())
    for words in ("✓", "RESTORED", "SANDBOX · RachelFoods", "02:41:30 UTC", "13:41 AEDT", "orders fail since the 02:38 deploy",
                  "maria (typed)", "RTO 15 min met, 11 min 30 s to spare", "3 min 5 s", "7.4 s", "rolled back", "not needed",
                  "dpl_9f2YqKd8mWc3TzRb5nVx1HsLpA4G", "dpl_7c1BvNe6jXa9UoQf2kSt8MwZrD3H", "newest good one that served before 02:38",
                  "held back", "after frontend", "status 500", "project variables, database, uploads", "playbooks/undo.yml"):
        assert words in page, words


@pytest.mark.parametrize(("verdict", "symbol", "tone"), [
    ("PARTIAL", "◐", "warn"), ("NOT RESTORED", "✗", "bad"), ("COULD NOT VERIFY", "?", "unknown"),
])
def test_every_verdict_has_its_own_symbol_word_and_tone(verdict: str, symbol: str, tone: str) -> None:
    events = [{**event, "verdict": verdict} if event["event"] == "verdict" else event for event in journal()]
    told = read_report(incident(), events, NOW)
    assert f'<header class="{tone}">' in as_html(told)
    assert as_markdown(told).startswith(f"# {symbol} {verdict} — ")


def test_a_reader_in_utc_is_told_utc_once() -> None:
    told = read_report(incident(), journal(), NOW.fromisoformat(at(60)))
    assert "02:41:30 UTC\n" in as_markdown(told)


def test_the_journal_is_kept_in_full_but_folded() -> None:
    page = as_html(facts())
    folded = page[page.index("<details>"):page.index("</details>")]
    assert folded.count("<tr>") == len(journal()) + 1
    assert "/v9/projects/prj_backoffice/rollback/dpl_7c1" in folded
