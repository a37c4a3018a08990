"""scripts/lint-runbook as it is called: its output in each form, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.command_line import main

from tests.unit.runbooks import RIGHT, ROOT

pytestmark = pytest.mark.once
BAD = "## Revert 100%\n\n```sh\nrailway up --detach # \x1b[31m\nrailway up\n```\n"


@pytest.fixture
def bad(tmp_path: Path) -> str:
    path = tmp_path / "bad, very.md"
    path.write_text(BAD, encoding="utf-8")
    return str(path)


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "good.md"
    path.write_text(RIGHT, encoding="utf-8")
    return str(path)


def test_the_script_says_it_to_a_person_from_any_folder(tmp_path: Path, bad: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    run = subprocess.run(
        [ROOT / "scripts/lint-runbook", Path(bad).name], cwd=tmp_path, capture_output=True, text=True, env=environment, check=False
    )
    assert run.returncode == 1, run.stderr
    assert "\n     4  error: rebuilds, does not roll back \\xb7 railway-up\n        railway up --detach\n" in run.stdout
    assert "instead: railway_release, playbooks/rollback-backend.yml" in run.stdout
    assert run.stdout.count("instead:") == 1, "what a rule says is said once in a file"
    assert run.stdout.endswith("1 file: 2 errors, 0 warnings\n")
    assert "\x1b" not in run.stdout


def test_clean_is_0_and_says_so(good: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([good]) == 0
    assert capsys.readouterr().out == "1 file: 0 errors, 0 warnings\n"


def test_what_cannot_be_read_is_2_and_the_others_are_still_judged(
    bad: str, good: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "no\n.md"), good]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err
    assert main([bad, str(tmp_path)]) == 2
    assert "railway-up" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["--format", "xml", "x.md"], ["--rules", "x.md"], ["--unknown", "x.md"], ["--form", "json", "x.md"]]
)
def test_called_wrongly_is_64(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 64
    assert "usage: scripts/lint-runbook" in capsys.readouterr().err


def test_json_has_all_that_is_known(bad: str, good: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--format", "json", bad, good, bad]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [bad, good]
    assert told["counts"] == {"error": 2, "warning": 0}
    one = told["findings"][0]
    assert (one["file"], one["line"], one["rule"], one["text"]) == (bad, 4, "railway-up", "railway up --detach")
    assert one["instead"] == ["railway_release", "playbooks/rollback-backend.yml"]


def test_github_gets_one_line_for_each_finding(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--format", "github", bad]) == 1
    first, second, _ = capsys.readouterr().out.splitlines()
    place = bad.replace(",", "%2C")
    assert first.startswith(
        f"::error file={place},line=4,title=rebuilds%2C does not roll back (railway-up)::railway up --detach%0AIt uploads"
    )
    assert ",line=5," in second


def test_all_rules_are_printed_as_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs/runbook-lint.md").read_text(encoding="utf-8")
