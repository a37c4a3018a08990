"""The logs of what was taken out are in the incident's directory; that they cannot be had changes nothing else."""

from __future__ import annotations

import shutil
import stat

import pytest

from sandbox.testing import Box
from tests.playbooks.driving import Operator
from tests.playbooks.looking import served


def test_the_logs_of_the_bad_release_are_kept_and_of_no_other(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")

    ran = operator.run()

    assert ran.code == 0, ran.screen
    kept = {path.name: path for path in (operator.incident() / "logs").iterdir()}
    assert set(kept) == {f"{target}.{file}" for target in ("storefront", "api") for file in ("build.log", "runtime.log", "events.jsonl")}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.values()} == {0o600}
    for target in ("storefront", "api"):
        assert "TypeError: form.submit" in kept[f"{target}.runtime.log"].read_text()
    assert "logs of" in ran.words
    assert ran.totals == (4, 4, 0)


@pytest.mark.once
def test_a_second_run_leaves_them_alone_and_check_mode_makes_none(box: Box, operator: Operator) -> None:
    box.ship("storefront", "breaks-checkout")
    assert operator.check().code == 0
    assert not operator.store.exists()
    assert operator.run().code == 0
    written = {path: path.stat().st_mtime_ns for path in (operator.incident() / "logs").iterdir()}

    again = operator.run()

    assert again.code == 0, again.screen
    assert "logs of" not in again.words
    assert {path: path.stat().st_mtime_ns for path in (operator.incident() / "logs").iterdir()} == written


@pytest.mark.once
def test_the_next_run_makes_up_for_it_and_what_cannot_be_written_is_a_line_on_the_screen(box: Box, operator: Operator) -> None:
    before = served(box)
    box.ship("storefront", "breaks-checkout")
    assert operator.run().code == 0
    logs = operator.incident() / "logs"
    shutil.rmtree(logs)
    logs.write_text("in the way")

    ran = operator.run()

    assert (ran.code, served(box)) == (0, before), ran.screen
    assert "! no logs of" in ran.words
    assert "cannot be written" in ran.words
    logs.unlink()
    assert operator.run().code == 0
    assert "TypeError" in (logs / "storefront.runtime.log").read_text()
