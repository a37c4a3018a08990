"""What goes wrong between s3_objects and a real S3 server: nothing is lost or wrongly called restored, and the next run ends it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import left

from tests.objects.restored import restore, writes
from tests.objects.spoiled import spoiled
from tests.seaweedfs import SeaweedFS
from tests.vendor_proxy import LOST, Answer, Disturb, Exchange, Forward, Proxy, afterwards, answering

pytestmark = pytest.mark.once

SLOW_DOWN = Answer(503, b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>")
DENIED = Answer(403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
INSIDE = Answer(200, b"<?xml version='1.0'?><Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>")


@pytest.fixture
def proxy(seaweedfs: SeaweedFS) -> Iterator[Proxy]:
    with Proxy(seaweedfs.url) as made:
        yield made


def through(seaweedfs: SeaweedFS, proxy: Proxy) -> dict[str, str]:
    return {**seaweedfs.options, "endpoint_url": proxy.url}


def copies(call: Exchange) -> bool:
    return call.method == "PUT"


def deletes(call: Exchange) -> bool:
    return call.method == "POST" and call.path.endswith("?delete=")


def some(answer: Answer, share: float, heard: bool = False) -> Disturb:
    """That answer to such a share of the calls that change something; C(heard): S3 did it all the same."""
    chance = random.Random(1)

    def disturb(call: Exchange, forward: Forward) -> Answer:
        if call.method in ("PUT", "POST") and chance.random() < share:
            if heard:
                forward()
            return answer
        return forward()

    return disturb


@pytest.mark.parametrize(
    "disturb",
    [
        pytest.param(some(SLOW_DOWN, 0.4), id="slow down"),
        pytest.param(some(INSIDE, 0.3), id="an error inside a 200"),
        pytest.param(some(Answer(500, b""), 0.3), id="500"),
        pytest.param(some(Answer(delivery="reset"), 0.2), id="reset"),
        pytest.param(some(LOST, 0.2, heard=True), id="done, but the answer is lost"),
        pytest.param(some(Answer(200, b"<CopyObj", delivery="cut off"), 0.2, heard=True), id="cut off"),
    ],
)
def test_what_passes_is_waited_out(seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path, disturb: Disturb) -> None:
    bucket = spoiled(seaweedfs)
    proxy.begin(disturb)
    done = restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)
    assert not done.get("failed"), done["msg"]
    assert bucket.holds() == bucket.good
    assert done["calls"]["repeated"] > 0
    proxy.begin()
    assert writes(restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)) == 0


def test_keys_that_are_denied_are_named_and_all_others_restored(seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs)
    proxy.begin(answering(DENIED, to=lambda call: copies(call) and call.path.endswith(("3", "7"))))
    done = restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)
    assert (done["failed"], done["changed"], done["error"], done["failed_count"]) == (True, True, "NotAuthorised", 2)
    assert sorted(row["key"] for row in done["failed_keys"]) == ["written/0003", "written/0007"]
    assert "2 of 30 keys" in done["msg"]
    assert len(Path(done["failed_file"]).read_text().splitlines()) == 2
    differing = {key for key in {*bucket.good, *bucket.holds()} if bucket.good.get(key) != bucket.holds().get(key)}
    assert differing == {"written/0003", "written/0007"}
    proxy.begin()
    again = restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)
    assert (writes(again), again["resumed"] is not None, bucket.holds()) == (2, True, bucket.good)
    assert list(tmp_path.glob("*.failed.jsonl")) == []


def test_a_key_that_is_denied_among_many_in_one_call(seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs)
    row = b"<Error><Key>deleted/0004</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    proxy.begin(answering(Answer(200, b"<DeleteResult>" + row + b"</DeleteResult>"), to=deletes, heard=True))
    done = restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)
    assert (done["error"], done["failed_count"], done["failed_keys"][0]["key"]) == ("NotAuthorised", 1, "deleted/0004")


def test_nothing_goes_on_for_long_when_everything_is_denied(
    seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left, "FUTILE", 5)
    bucket = spoiled(seaweedfs, written=200, deleted=0, created=0)
    proxy.begin(answering(DENIED, to=copies))
    done = restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)
    assert (done["error"], "200 of 200 keys" in done["msg"], "the rest was not tried" in done["msg"]) == ("NotAuthorised", True, True)
    assert len([call for call in proxy.log if copies(call)]) < 150


def test_a_writer_meanwhile_is_taken_back_as_well(seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs)
    written = iter([True])

    def write() -> None:
        for _ in written:
            for key in ("deleted/0001", "written/0001", "untouched/0001", "another"):
                bucket.client.put_object(Bucket=bucket.bucket, Key=key, Body=b"a race")

    proxy.begin(afterwards(lambda call: "versions" in call.path, write))
    done = restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)
    assert not done.get("failed"), done["msg"]
    assert bucket.holds() == bucket.good


def test_a_writer_who_never_stops_is_told_of(seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs, 1, 1, 1, 1)
    proxy.begin(afterwards(copies, lambda: bucket.client.put_object(Bucket=bucket.bucket, Key="written/0000", Body=b"again")))
    done = restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)
    assert (done["error"], "something keeps writing" in done["msg"]) == ("Conflict", True)


RUN = """
import json, sys
from pathlib import Path
from tests.objects.restored import restore
print(json.dumps(restore(json.loads(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), good_at=sys.argv[4], method=sys.argv[5])["calls"]))
"""
EVERY = "LASTGOOD_EVERY_CRASH" in os.environ


@pytest.mark.parametrize(("number", "heard"), list(product(range(1, 32), (False, True))) if EVERY else [(1, True), (17, False), (31, True)])
def test_killed_anywhere(seaweedfs: SeaweedFS, proxy: Proxy, tmp_path: Path, number: int, heard: bool) -> None:
    """Before S3 hears of a call, or after it was heard. The next run goes on with the plan of the first."""
    bucket = spoiled(seaweedfs, written=30, deleted=5, created=5)
    killed: list[int] = []
    process: list[subprocess.Popen[bytes]] = []

    def kill(call: Exchange, forward: Forward) -> Answer:
        if not (copies(call) or deletes(call)):
            return forward()
        killed.append(call.number)
        if len(killed) < number:
            return forward()
        if heard:
            forward()
        process[0].send_signal(signal.SIGKILL)
        return LOST

    proxy.begin(kill)
    given = [str(through(seaweedfs, proxy)).replace("'", '"'), bucket.bucket, str(tmp_path), bucket.at.isoformat(), "copy"]
    environment = {**os.environ, "PYTHONPATH": "collections:."}
    process.append(subprocess.Popen([sys.executable, "-c", RUN, *given], env=environment, stdout=subprocess.DEVNULL))
    assert process[0].wait(60) == -signal.SIGKILL
    held = bucket.holds()
    assert all(held.get(key) in (body, b"spoiled", None) for key, body in bucket.good.items())
    proxy.begin()
    done: dict[str, Any] = restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)
    assert not done.get("failed"), done["msg"]
    assert (bucket.holds(), done["resumed"] is not None) == (bucket.good, True)
    assert writes(done) <= 31
    assert writes(restore(through(seaweedfs, proxy), bucket.bucket, tmp_path, good_at=bucket.at)) == 0
