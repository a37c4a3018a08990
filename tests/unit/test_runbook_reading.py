"""Runbooks as they are read: passages and their lines, commands as a shell takes them apart, and any text at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook import document, matrices, vocabulary
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.findings import findings
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.shell import Command, commands
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.shown import FORMATS
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.runbooks import RIGHT, found, rules_of

pytestmark = pytest.mark.once
PIECES = [
    *(
        "# Rollback plan",
        "## P0 - Critical",
        "```",
        "```bash",
        "~~~yaml",
        "- ",
        "1. Run `",
        "`",
        "\n",
        "    ",
        "> ",
        "| Issue | Severity | Action |\n|---|---|---|\n",
    ),
    *(
        "| Error rate > 10% | P0 | Rollback |\n",
        "| System down | CRITICAL | hotfix | x |",
        "railway run ",
        "psql $DB < ",
        "$(",
        ")",
        "`",
        "'",
        '"',
        "\\",
        "\\\n",
    ),
    *(
        "<<EOF\n",
        "EOF\n",
        "vercel --prod",
        "prisma migrate resolve --rolled-back x",
        "# lastgood: ignore vercel-deploy\n",
        "<!-- lastgood: ignore any-matrices -->\n",
    ),
    *(
        "&&",
        "|",
        ";",
        "2>&1",
        "A=1 ",
        "sudo -u ",
        "docker exec ",
        "kubectl exec x -- ",
        "(MTTD)",
        "Mean Time to Detect (MTTD)\n",
        "ls *.sql\n",
        "\x1b[31m",
        "\u202e",
    ),
]


def typed(code: str, language: str = "bash") -> list[Command]:
    runbook = document.parsed("x.md", f"```{language}\n{code}\n```\n")
    return [command for passage in runbook.passages for command in commands(passage)]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("vercel --prod", [("vercel", "--prod")]),
        ("A=1 B='x y' sudo -u postgres /usr/bin/psql -1", [("psql", "-1")]),
        ("npx --yes vercel@latest --prod", [("vercel", "--prod")]),
        ("railway run --service api npx prisma migrate dev", [("prisma", "migrate", "dev")]),
        ("docker exec -it -u root db psql x", [("psql", "x")]),
        ("kubectl exec -n prod pod-1 -- psql x", [("psql", "x")]),
        ("railway run", [("railway", "run")]),
        ("cd app && vercel --prod; echo 'a;b' | cat", [("cd", "app"), ("vercel", "--prod"), ("echo", "a;b"), ("cat",)]),
        ("aws x \\\n  --id 1 \\\n  --y 2", [("aws", "x", "--id", "1", "--y", "2")]),
        ("curl -d '{\n \"a\": 1\n}' http://x # c", [("curl", "-d", '{\n "a": 1\n}', "http://x")]),
        ("psql <<EOF\nvercel --prod\nEOF\nls", [("psql",), ("ls",)]),
        ("X=$(aws get $(cat id)) aws put", [("cat", "id"), ("aws", "get", "$SUBSTITUTED"), ("aws", "put")]),
        ("railway rollback <deployment-id>", [("railway", "rollback", "{deployment-id}")]),
        ("# don't\nvercel --prod", [("vercel", "--prod")]),
        ("curl http://x/#/a", [("curl", "http://x/#/a")]),
        ("echo 'open\nvercel --prod", [("echo", "'open"), ("vercel", "--prod")]),
        ("$ vercel --prod\nVercel CLI 60", [("vercel", "--prod")]),
    ],
)
def test_commands_are_taken_apart_as_a_shell_does_it(code: str, words: list[tuple[str, ...]]) -> None:
    assert [command.words for command in typed(code)] == words


def test_input_output_and_what_stands_above_are_known() -> None:
    set_, dump, load = typed("F=x\n# Save\npg_dump a 2> err > f.sql\n# Load\ncat f.sql | psql b < g.sql")[:3]
    assert (set_.sets, dump.writes, dump.reads, dump.comments) == (("F",), ("f.sql",), (), "Save")
    assert (load.words[0], load.piped_out) == ("cat", True)
    psql = typed("cat f.sql | psql b < g.sql")[1]
    assert (psql.piped_in, psql.reads) == (True, ("g.sql",))


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = "# Rollback plan\n\n1. Then:\n\n   ```sh\n   # why\n   vercel --prod\n   ```\n"
    text += "\n2. Run `railway up` now.\n\n> ```\n> railway rollback\n"
    for crlf in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
        runbook = document.parsed("x.md", crlf.removeprefix("\ufeff"))
        lines = {(one.line, one.rule) for one in findings([runbook])}
        assert lines >= {(7, "vercel-deploy"), (10, "railway-up"), (13, "railway-phantom"), (1, "any-no-freeze")}


def test_a_table_of_steps_is_read_and_another_only_mentions() -> None:
    table = '| {} | by |\n|---|---|\n| Click "Promote to Production" | me |\n'
    assert rules_of(table.format("Step")) == {"vercel-promote-dashboard"}
    assert rules_of(table.format("Section")) == set()


def test_code_of_other_languages_and_what_is_only_mentioned_is_not_typed() -> None:
    assert not typed("vercel --prod", "python")
    assert not typed("vercel --prod", "yaml")
    assert (
        rules_of("## Rollback\n\nWith `railway up` a rollback fails; see `vercel --prod`.\n\n- Never run `railway up`.\n- `pg_restore`\n")
        == set()
    )


@pytest.mark.parametrize(
    "text",
    [
        "## Revert\n```sh\nrailway up  # lastgood: ignore railway-up\n```\n",
        "## Revert\n```sh\n# lastgood: ignore railway-up\nrailway up\n```\n",
        "## Revert\n<!-- lastgood: ignore railway-up, vercel-deploy -->\n```sh\nls\nrailway up\nvercel --prod\n```\n",
        "# Rollback plan\n\ntext\n\n<!-- lastgood: ignore any-no-freeze -->\n",
    ],
)
def test_what_is_to_be_ignored_is(text: str) -> None:
    assert rules_of(text) == set()


def test_ignoring_counts_for_its_lines_and_its_rule_only() -> None:
    text = "## Revert\n```sh\n# lastgood: ignore railway-up\nvercel --prod\nrailway up\n```\n\n<!-- lastgood: ignore vercel-deploys -->\n"
    assert [(one.line, one.rule) for one in found(text)] == [(4, "vercel-deploy"), (5, "railway-up"), (8, "unknown-rule")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "no text in UTF-8"),
        (b"# a\0b", "zero bytes"),
        ("# ä".encode("utf-16"), "no text in UTF-8"),
        (b"railway up\n" * 1_000_000, "more than 500 kB"),
    ],
)
def test_what_is_no_runbook_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "runbook.md"
    path.write_bytes(content)
    with pytest.raises(Refused, match=why):
        document.read(str(path))
    for missing in (tmp_path / "none.md", tmp_path, Path("\0")):
        with pytest.raises(Refused, match="cannot be read"):
            document.read(str(missing))


def test_an_unclosed_fence_and_the_largest_file_are_read() -> None:
    assert rules_of("## Rollback\n```sh\nrailway up") == {"railway-up"}
    for line in (
        "railway up\n",
        "$(" * 500 + "\n",
        "'\n",
        "> " * 200 + "x\n",
        "| a " * 40 + "|\n|---" * 40 + "|\n",
        "error rate > 10% rollback\n",
        "`" * 99 + "\n",
    ):
        found((line * 40_000)[:100_000])


@given(st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=40).map("".join)))
@example("1. a `b`\n\n```\n$(\n")
@example("|a|\n|-|\n| severity | action |\n")
def test_any_text_is_read_and_what_is_found_is_shown_in_80_columns(text: str) -> None:
    shown = findings([document.parsed("a.md", text), document.parsed("b.md", text + RIGHT)])
    lines = (text + RIGHT).replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(1 <= one.line <= lines for one in shown)
    for form in FORMATS.values():
        output = form(shown, ["a.md", "b.md"])
        assert all(char.isprintable() or char == "\n" for char in output)
    assert all(len(line) <= WIDTH for line in FORMATS["human"](shown, ["a.md", "b.md"]).splitlines())


@given(st.text())
def test_the_words_of_runbooks_are_looked_for_in_any_text(text: str) -> None:
    vocabulary.troubles(text)
    vocabulary.outcome(text)
    vocabulary.roles(text)
    assert matrices.disagreements([document.parsed("a.md", text)] * 1) == [] or text
