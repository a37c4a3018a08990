"""The vendor's own program against the emulator, in an old and in a new version: each release brings its own."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import convex_release

from sandbox.convex import Convex
from sandbox.testing import Box
from tests.contract.bench import now, printed_by
from tests.vendor_clients import Unavailable, modules

PACKAGES = ("convex@1.31.0", "convex@1.48.0")


@pytest.fixture(params=PACKAGES)
def libraries(request: pytest.FixtureRequest) -> Path:
    """The folder with the program in it; the test is skipped where npm cannot install it."""
    try:
        return modules(request.param)
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def options(box: Box, libraries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The module with its own command; only what npm would install is there already."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return {
        "deployment": "bookings",
        "api_url": box.vendor_url("convex"),
        "admin_key": Convex.tokens[0],
        "repository": f"file://{box.state_dir}/bookings.git",
        "install": shlex.join(["ln", "-s", str(libraries), "node_modules"]),
        "timeout": 120,
    }


def serving(box: Box) -> str:
    commit: str = box.state()["serving"]["bookings"]["commit"]
    return commit


def test_an_older_commit_is_deployed(box: Box, options: dict[str, Any]) -> None:
    good, bad = serving(box), box.ship("bookings", "breaks-checkout")["commit"]

    result = printed_by(convex_release.main, **options, bad_at=now())

    assert result["changed"], result
    assert (result["from"]["id"], result["serving"]["id"]) == (bad, good)
    assert serving(box) == good
    assert not printed_by(convex_release.main, **options, bad_at=result["from"]["live_from"])["changed"]


def test_a_schema_that_the_data_has_outgrown(box: Box, options: dict[str, Any]) -> None:
    good, bad = serving(box), box.ship("bookings", "breaks-checkout")["commit"]
    box.control("retention", target="bookings", release=good)

    result = printed_by(convex_release.main, **options, release=good)

    assert result["error"] == "NotRestorable", result
    assert "Object contains extra field" in result["msg"]
    assert serving(box) == bad


def test_code_that_cannot_be_loaded(box: Box, options: dict[str, Any]) -> None:
    good = serving(box)
    refused = box.ship("bookings", "crashing")["commit"]

    result = printed_by(convex_release.main, **options, release=refused)

    assert "never deployed" in result["msg"]
    assert serving(box) == good


def test_a_key_that_is_wrong(box: Box, options: dict[str, Any], libraries: Path, tmp_path: Path) -> None:
    """As the program itself says it: the module's own calls would be refused first."""
    subprocess.run(["git", "clone", "--quiet", options["repository"], str(tmp_path / "by-hand")], check=True, capture_output=True)
    (tmp_path / "by-hand" / "node_modules").symlink_to(libraries)
    keys = {"CONVEX_SELF_HOSTED_URL": options["api_url"], "CONVEX_SELF_HOSTED_ADMIN_KEY": "wrong"}

    done = subprocess.run(
        [str(libraries / ".bin" / "convex"), "deploy", "--yes"],
        cwd=tmp_path / "by-hand",
        env={**os.environ, **keys},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1
    assert "401" in done.stderr or "invalid" in done.stderr


def test_a_pipeline_leaves_its_note_with_the_same_program(box: Box, options: dict[str, Any], libraries: Path, tmp_path: Path) -> None:
    """The line that the documentation gives for pipelines."""
    (tmp_path / "package.json").write_text('{"dependencies": {"convex": "*"}}')
    keys = {"CONVEX_SELF_HOSTED_URL": options["api_url"], "CONVEX_SELF_HOSTED_ADMIN_KEY": Convex.tokens[0]}
    commit = serving(box)

    subprocess.run(
        [str(libraries / ".bin" / "convex"), "env", "set", "LASTGOOD_RELEASE", f"{commit} 2026-11-22T02:38:00Z"],
        cwd=tmp_path,
        env={**os.environ, **keys},
        check=True,
        capture_output=True,
        timeout=60,
    )

    assert box.state()["convex"]["deployment"]["env"]["LASTGOOD_RELEASE"] == f"{commit} 2026-11-22T02:38:00Z"
