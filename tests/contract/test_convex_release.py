"""Convex: promises of every vendor, and its own traps. Promises about holds, calls that settle later and one API for all are left out."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.lastgood.recovery.plugins.module_utils import api as transport

from sandbox.testing import Box
from tests.contract.bench import now
from tests.contract.convex_bench import KEY, ConvexBench
from tests.contract.git_bench import isolated
from tests.contract.repository import git
from tests.contract.test_activation import test_check_mode_predicts_the_diff_and_changes_nothing
from tests.contract.test_choosing import (
    test_a_redeploy_of_the_bad_artifact_is_not_gone_back_to,
    test_a_release_looks_the_same_alone_and_in_a_list,
    test_a_second_incident_does_not_go_one_too_far_back,
    test_a_time_that_is_none_is_a_clear_error,
    test_an_unknown_release_fails_and_names_those_that_could_be_had,
    test_no_good_release_fails,
    test_one_wish_is_needed_and_not_two,
)

__all__ = [
    "test_a_redeploy_of_the_bad_artifact_is_not_gone_back_to",
    "test_a_release_looks_the_same_alone_and_in_a_list",
    "test_a_second_incident_does_not_go_one_too_far_back",
    "test_a_time_that_is_none_is_a_clear_error",
    "test_an_unknown_release_fails_and_names_those_that_could_be_had",
    "test_check_mode_predicts_the_diff_and_changes_nothing",
    "test_no_good_release_fails",
    "test_one_wish_is_needed_and_not_two",
]


@pytest.fixture
def bench(box: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ConvexBench]:
    isolated(monkeypatch, tmp_path)
    monkeypatch.setattr(transport, "READ_PAUSES", (0.01, 0.01))
    for name in ("CONVEX_DEPLOY_KEY", "CONVEX_SELF_HOSTED_URL", "CONVEX_SELF_HOSTED_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    yield ConvexBench(box)
    box.control("outage", vendor="convex", on=False)


def note(bench: ConvexBench, value: str | None) -> None:
    """What somebody's pipeline writes."""
    answer = requests.post(
        f"{bench.box.vendor_url('convex')}/api/v1/update_environment_variables",
        headers={"Authorization": f"Convex {KEY}"},
        json={"changes": [{"name": "LASTGOOD_RELEASE", "value": value}]},
        timeout=5,
    )
    answer.raise_for_status()


def noted(bench: ConvexBench) -> str:
    return str(bench.frozen()["deployment"]["env"].get("LASTGOOD_RELEASE"))


@pytest.mark.parametrize("wish", ["release", "bad_at"])
def test_asked_twice_it_changes_once(bench: ConvexBench, wish: str) -> None:
    """By good_at too, but Git's clock has whole seconds: what was shipped in this second was there before it."""
    good, release = bench.served(), bench.serving()
    bad = bench.ship("breaks-checkout")
    asked: dict[str, Any] = {wish: {"release": release, "bad_at": now()}[wish]}

    first, second = bench.run(**asked), bench.run(**asked)

    assert (first["changed"], second["changed"]) == (True, False), first
    assert bench.served() == good != bad["commit"]
    assert first["from"]["artifact"] == bad["commit"]
    assert first["to"]["artifact"] == second["serving"]["artifact"] == good
    assert noted(bench).startswith(release)
    assert len(noted(bench)) > 50, "with the time"


def test_what_runs_at_a_moment_after_the_rollback_is_what_it_went_back_to(bench: ConvexBench) -> None:
    bench.ship("breaks-checkout")
    bench.run(bad_at=now())

    assert not bench.run(good_at=now())["changed"]


@pytest.mark.parametrize("kind", ["failing-build", "crashing"])
def test_a_commit_that_could_not_be_deployed_never_served(bench: ConvexBench, kind: str) -> None:
    good = bench.served()
    refused = bench.ship(kind)

    assert not bench.run(good_at=now())["changed"]
    assert bench.run(bad_at=now(), check=True)["from"]["artifact"] == good
    assert "never deployed" in bench.run(release=refused["id"])["msg"]


def test_without_a_note_the_current_release_is_unknown_and_said_to_be(bench: ConvexBench) -> None:
    release = bench.serving()
    note(bench, None)

    result = bench.run(release=release)

    assert result["from"]["id"] == "unknown"
    assert "no note" in result["from"]["title"]
    assert result["changed"]
    assert not bench.run(release=release)["changed"]


def test_a_deployment_that_left_no_note_is_seen_in_the_audit_log(bench: ConvexBench, tmp_path: Path) -> None:
    release = bench.serving()
    bad = bench.ship("breaks-checkout")["id"]
    bench.run(release=release)
    deploy_without_a_note(bench, bad, tmp_path)

    result = bench.run(release=release)

    assert "somebody has deployed since the last note" in result["from"]["title"]
    assert result["changed"]
    assert bench.serving() == release
    assert not bench.run(release=release)["changed"]


def test_without_an_audit_log_a_deployment_that_left_no_note_is_not_seen(bench: ConvexBench, tmp_path: Path) -> None:
    """Nobody could: that is what the documentation says about smaller plans."""
    release = bench.serving()
    bad = bench.ship("breaks-checkout")["id"]
    bench.box.control("plan", target="bookings", plan="hobby")
    assert bench.run(release=release)["changed"], "the rollback itself needs no audit log"
    deploy_without_a_note(bench, bad, tmp_path)

    assert not bench.run(release=release)["changed"]
    assert bench.serving() == bad


def deploy_without_a_note(bench: ConvexBench, commit: str, tmp_path: Path) -> None:
    """Somebody deploys by hand."""
    options = bench.vendor.options(bench.box)
    git(tmp_path, "clone", "--quiet", options["repository"], "by-hand")
    git(tmp_path / "by-hand", "checkout", "--quiet", commit)
    keys = {"CONVEX_SELF_HOSTED_URL": options["api_url"], "CONVEX_SELF_HOSTED_ADMIN_KEY": KEY}
    subprocess.run(shlex.split(options["command"]), cwd=tmp_path / "by-hand", env={**os.environ, **keys}, check=True, capture_output=True)


def test_data_that_has_outgrown_the_schema_is_refused(bench: ConvexBench) -> None:
    release = bench.serving()
    bad = bench.ship("breaks-checkout")
    bench.box.control("retention", target="bookings", release=release)

    result = bench.run(release=release)

    assert result["error"] == "NotRestorable"
    assert "does not match the schema: Object contains extra field `class`" in result["msg"]
    assert "migrate the data" in result["hint"]
    assert bench.served() == bad["commit"]
    assert noted(bench).startswith(bad["id"])


def test_a_program_that_succeeds_without_deploying_is_no_success(bench: ConvexBench) -> None:
    """Exit status 0 is no proof where the audit log can be read."""
    release = bench.serving()
    bench.ship("breaks-checkout")

    result = bench.run(release=release, command="true")

    assert result["error"] == "ActivationFailed", result
    assert "no push arrived" in result["msg"]


def test_a_program_that_fails_says_why(bench: ConvexBench) -> None:
    release = bench.serving()
    bench.ship("breaks-checkout")

    result = bench.run(release=release, command="sh -c 'echo esbuild could not resolve it; exit 3'")

    assert result["error"] == "ActivationFailed"
    assert "ended with 3: esbuild could not resolve it" in result["msg"]
    assert bench.run(release=release)["changed"]


def test_a_program_that_takes_too_long_is_stopped(bench: ConvexBench) -> None:
    release = bench.serving()
    bench.ship("breaks-checkout")

    result = bench.run(release=release, command="tail -f /dev/null", timeout=0.3)

    assert result["error"] == "TimedOut"
    assert "tail did not end in 0.3 s" in result["msg"]


def test_a_missing_program_is_said_before_anything_happens(bench: ConvexBench) -> None:
    release = bench.serving()
    bench.ship("breaks-checkout")

    for check in (True, False):
        result = bench.run(check=check, release=release, command="npx-that-is-missing convex deploy")
        assert "the program npx-that-is-missing is missing; nothing was changed" in result["msg"]


def test_old_code_sees_no_secret_that_is_not_its_own(bench: ConvexBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VERCEL_TOKEN", "planted-secret")
    release = bench.serving()
    bench.ship("breaks-checkout")
    seen = tmp_path / "seen"

    result = bench.run(release=release, token="planted-token", install=f"sh -c 'env > {seen}'", command="sh -c 'env; exit 1'")

    assert "planted" not in seen.read_text()
    assert KEY not in seen.read_text(), "installing needs no key"
    assert KEY not in str(result)
    assert "planted" not in str(result)


def test_a_bad_key_says_so(bench: ConvexBench) -> None:
    before = bench.frozen()

    result = bench.run(bad_at=now(), admin_key="planted-secret")

    assert result["error"] == "NotAuthorised"
    assert "nothing was changed" in result["msg"]
    assert "CONVEX_DEPLOY_KEY" in result["hint"]
    assert "planted-secret" not in str(result)
    assert bench.frozen() == before


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("prod:sad-animal-321|secret", "the deploy key is not one of bookings"),
        ("preview:team:bookings|secret", "the deploy key is not one of bookings"),
        (None, "missing required arguments: deploy_key"),
    ],
)
def test_a_key_of_another_deployment_is_refused_before_any_call(bench: ConvexBench, key: str | None, words: str) -> None:
    result = bench.run(bad_at=now(), admin_key=None, deploy_key=key, api_url="http://127.0.0.1:9")

    assert words in result["msg"]
    assert "nothing was changed" in result["msg"]


def test_a_vendor_that_is_down(bench: ConvexBench) -> None:
    bench.box.control("outage", vendor="convex")

    result = bench.run(bad_at=now())

    assert result["error"] == "Unavailable"
    assert "nothing was changed" in result["msg"]


def test_a_deployment_out_of_reach_is_refused_before_any_call(bench: ConvexBench) -> None:
    for reach in ({}, {"convex": ["another"]}):
        assert bench.run(bad_at=now(), reach=reach, api_url="http://127.0.0.1:9")["error"] == "OutOfReach"
    assert not bench.run(good_at=now(), reach={"convex": ["bookings"]}).get("failed")


def test_a_folder_that_the_release_does_not_have(bench: ConvexBench) -> None:
    release = bench.serving()
    bench.ship("breaks-checkout")

    assert "has no folder apps/bookings" in bench.run(release=release, path="apps/bookings")["msg"]


def test_addresses_are_asked_what_they_serve(bench: ConvexBench) -> None:
    bench.ship("breaks-checkout")

    assert bench.run(bad_at=now(), version_urls=[bench.version_url])["changed"]
