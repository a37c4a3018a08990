"""What a bad release has written is kept, without secrets, and what cannot be had is said."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import release_logs

from sandbox.testing import Box
from tests.contract.bench import Bench, now, printed_by
from tests.contract.logged import LOGGED, Logged
from tests.contract.vendors import VENDORS


class Collecting(Bench):
    """The logs of one vendor's target, into one directory."""

    logged: Logged
    dest: Path

    def collect(self, check: bool = False, **options: Any) -> dict[str, Any]:
        service = {**self.vendor.options(self.box), **options.pop("service", {})}
        given = {"dest": str(self.dest), "name": "it", "quiet": 0.1, "timeout": 5, **options}
        return printed_by(release_logs.main, check, provider=self.vendor.name, service=service, **given)

    def text(self, stream: str) -> str:
        return (self.dest / f"it.{stream}").read_text()

    @property
    def everything(self) -> str:
        return "".join(path.read_text() for path in self.dest.iterdir())


@pytest.fixture(params=LOGGED, ids=str)
def collecting(request: pytest.FixtureRequest, box: Box, tmp_path: Path) -> Iterator[Collecting]:
    collecting = Collecting(next(vendor for vendor in VENDORS if vendor.name == request.param.vendor), box)
    collecting.logged, collecting.dest = request.param, tmp_path / "logs"
    yield collecting
    box.control("outage", vendor=request.param.vendor, on=False)


def test_what_serves_is_collected_for_its_owner_alone(collecting: Collecting) -> None:
    bad = collecting.ship("breaks-checkout")

    result = collecting.collect()

    assert result["changed"], result
    assert result["release"]["artifact"] == bad["commit"]
    assert set(result["files"]) == collecting.logged.offers
    assert set(result["missing"]) == {"build", "runtime", "events"} - collecting.logged.offers
    assert sorted(path.name for path in collecting.dest.iterdir()) == sorted(Path(file["path"]).name for file in result["files"].values())
    assert {stat.S_IMODE(path.stat().st_mode) for path in collecting.dest.iterdir()} == {0o600}
    for stream, words in collecting.logged.says.items():
        assert words in collecting.text(stream), stream
    assert all(isinstance(json.loads(line), dict) for line in collecting.text("events.jsonl").splitlines())


def test_the_release_that_was_taken_out_and_when(collecting: Collecting) -> None:
    collecting.ship("breaks-checkout")
    bad = collecting.collect()["release"]
    broken = now()
    back = collecting.run(bad_at=broken)
    assert back["changed"], back

    by_id, by_time = collecting.collect(release=bad["id"]), collecting.collect(at=broken)

    for result in (by_id, by_time):
        assert (result["release"]["id"], result["since"]) == (bad["id"], bad["live_from"])
        assert bad["live_from"] <= result["until"] <= now()
    for stream, words in collecting.logged.says.items():
        assert words in collecting.text(stream), stream
    good = collecting.collect()
    assert good["release"]["artifact"] == back["to"]["artifact"]
    assert "TypeError" not in collecting.everything


def test_a_build_that_failed(collecting: Collecting) -> None:
    if not collecting.logged.failed_build:
        pytest.skip("this vendor has no release of a build that failed")
    shipped = collecting.ship("failing-build")
    release = shipped["release"] or collecting.releases()[0]

    assert not collecting.collect(release=release).get("failed")

    assert collecting.logged.failed_build in collecting.everything


def test_secrets_are_blacked_out(collecting: Collecting) -> None:
    token = collecting.vendor.options(collecting.box)[collecting.vendor.secret]
    collecting.box.ship(collecting.vendor.target, "breaks-checkout", f"oops {token} and a-password-of-ours")

    result = collecting.collect(redact=["a-password-of-ours", "TypeError"])

    assert not result.get("failed"), result
    for secret in (token, "a-password-of-ours", "TypeError"):
        assert secret not in collecting.everything + str(result)
    assert "***" in collecting.everything


def test_a_long_log_is_cut_and_says_so(collecting: Collecting) -> None:
    whole = collecting.collect()["files"]
    stream = max(whole, key=lambda name: whole[name]["lines"])
    assert whole[stream]["lines"] > 1, whole

    files = collecting.collect(lines=1, name="short")["files"]

    assert (files[stream]["lines"], files[stream]["cut"]) == (1, True)
    for name, file in ((name, file) for name, file in files.items() if whole[name]["lines"]):
        kept = Path(file["path"]).read_text().splitlines()
        assert len(kept) == (2 if file["cut"] and name != "events" else 1), name
        assert ("(cut: the newest 1 lines" in kept[0]) == (file["cut"] and name != "events")
        assert kept[-1] == Path(whole[name]["path"]).read_text().splitlines()[-1], "the newest ones are kept"


def test_check_mode_and_what_is_there_already(collecting: Collecting) -> None:
    before = collecting.frozen()
    predicted = collecting.collect(check=True)
    assert (predicted["changed"], predicted["files"], collecting.dest.exists()) == (True, {}, False)

    assert collecting.collect()["changed"]
    assert not collecting.collect()["changed"]
    assert collecting.logged.same(before, collecting.frozen())


def test_what_cannot_be_found_or_reached(collecting: Collecting) -> None:
    assert collecting.collect(release="rel-nowhere")["error"] == "UnknownRelease"
    assert collecting.collect(at="2001-01-01T00:00:00Z")["error"] == "UnknownRelease"
    assert collecting.collect(service={collecting.vendor.secret: "planted-secret"})["error"] == "NotAuthorised"
    assert collecting.collect(reach={})["error"] == "OutOfReach"
    assert collecting.collect(name="../it")["error"] == "Refused"
    assert not collecting.dest.exists()


def test_a_vendor_that_does_not_answer_in_time_is_not_waited_for(collecting: Collecting) -> None:
    collecting.box.control("outage", vendor=collecting.vendor.name)

    assert collecting.collect(timeout=0.3)["error"] == "TimedOut"
