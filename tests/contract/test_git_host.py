"""A Git host reached over HTTP: the token, and what a person is told when the host says no, or nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git import commands

from tests.contract.bench import now
from tests.contract.git_bench import GitBench, story
from tests.contract.git_over_http import TOKEN, Host, hosting

pytestmark = pytest.mark.once


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[GitBench]:
    for bench in story(monkeypatch, tmp_path):
        bench.ship("breaks-checkout")
        monkeypatch.setattr(commands, "READ_PAUSES", (0.01, 0.01))
        yield bench


@pytest.fixture
def host(bench: GitBench) -> Iterator[Host]:
    with hosting(bench.repository.path.parent) as host:
        yield host


def run(bench: GitBench, host: Host, **options: Any) -> dict[str, Any]:
    """The module's result, in which no form of the token may be."""
    result = bench.run(**{"repository": host.url, "token": TOKEN, "release": bench.repository("rev-parse", "main~1"), **options})
    for secret in (TOKEN, "another-secret"):
        assert secret not in str(result)
        assert base64.b64encode(f"x-access-token:{secret}".encode()).decode() not in str(result)
    return result


def test_a_rollback_with_a_token(bench: GitBench, host: Host) -> None:
    good = bench.repository.tree("main~1")

    result = run(bench, host)

    assert result["changed"], result
    assert bench.served() == good


@pytest.mark.parametrize("token", [None, "another-secret"])
def test_a_bad_token_says_so(bench: GitBench, host: Host, token: str | None) -> None:
    result = run(bench, host, token=token)

    assert result["error"] == "NotAuthorised", result
    assert "nothing was changed" in result["msg"]
    assert "GIT_TOKEN" in result["hint"]


def test_the_token_may_come_from_the_environment(bench: GitBench, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TOKEN", TOKEN)

    assert run(bench, host, token=None)["changed"]


def test_a_password_in_the_address_is_refused_and_not_shown(bench: GitBench, host: Host) -> None:
    result = bench.run(repository=host.url.replace("://", "://somebody:another-secret@"), bad_at=now())

    assert "is given with a password" in result["msg"]
    assert host.url in result["msg"]
    assert "another-secret" not in result["msg"] + result["hint"]
    assert not host.authorisations, "refused before any call"


def test_the_token_is_not_sent_in_plain_text(bench: GitBench, host: Host) -> None:
    result = run(bench, host, repository="http://git.rachelfoods.test/shop.git")

    assert "is not sent to git.rachelfoods.test in plain text" in result["msg"]


def test_the_token_does_not_follow_a_redirect(bench: GitBench, host: Host) -> None:
    with hosting(bench.repository.path.parent) as other:
        host.fault, host.elsewhere = "elsewhere", other.url.removesuffix("/shop.git").replace("127.0.0.1", "localhost")

        result = run(bench, host)

    assert result["failed"]
    assert not any(other.authorisations)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (401, "NotAuthorised"),
        (403, "NotAuthorised"),
        (404, "NotFound"),
        (500, "Unavailable"),
        (503, "Unavailable"),
        ("cut", "Unavailable"),
    ],
)
def test_a_host_that_does_not_answer(bench: GitBench, host: Host, fault: int | str, error: str) -> None:
    host.fault = fault

    result = run(bench, host)

    assert result["error"] == error, result
    assert "nothing was changed" in result["msg"]
    assert result["hint"]


def test_nobody_listens(bench: GitBench, host: Host) -> None:
    assert run(bench, host, repository="http://127.0.0.1:9/shop.git")["error"] == "Unavailable"


@pytest.mark.parametrize(
    ("fault", "error"), [(401, "NotAuthorised"), (403, "NotAuthorised"), (500, "Unanswered"), (503, "Unanswered"), ("cut", "Unanswered")]
)
def test_a_push_that_is_not_taken(bench: GitBench, host: Host, fault: int | str, error: str) -> None:
    good, before = bench.repository("rev-parse", "main~1"), bench.frozen()
    host.fault_on_push = fault

    result = run(bench, host, release=good)

    assert result["error"] == error, result
    assert f"asked for before that: git push {host.url} main" in result["msg"]
    assert bench.frozen() == before
    host.fault_on_push = ""
    assert run(bench, host, release=good)["changed"], "the next run goes on"


def test_a_push_whose_answer_is_lost_is_read_back_and_not_made_twice(bench: GitBench, host: Host) -> None:
    good = bench.repository("rev-parse", "main~1")
    host.fault_on_push = "lost"

    result = run(bench, host, release=good)

    assert result["changed"], result
    assert bench.served() == bench.repository.tree(good)
    assert len(bench.repository.log()) == 5, "one commit, not two"


def test_a_revert_whose_answer_is_lost(bench: GitBench, host: Host) -> None:
    host.fault_on_push = "lost"

    assert run(bench, host, release=None, revert="HEAD")["changed"]
    assert len(bench.repository.log()) == 5


def test_a_hotfix_whose_answer_is_lost(bench: GitBench, host: Host) -> None:
    host.fault_on_push = "lost"

    assert run(bench, host, hotfix="hotfix/checkout")["changed"]
    assert bench.repository.head("hotfix/checkout") == bench.repository("rev-parse", "main~1")


def test_a_command_that_never_ends_is_given_up(bench: GitBench, host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(commands, "PATIENCE", 0.2)
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    result = bench.run(repository=host.url, bad_at=now())

    assert result["error"] == "Unavailable"
    assert "did not end in 0.2 s" in result["msg"]
