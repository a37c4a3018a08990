"""Backups in S3: a backup when its manifest is there and not before, proved to be what was sent, and restored from by time or address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.objects import Count, Objects
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_info import INFO
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from sandbox.addresses import HOST
from sandbox.testing import free_ports
from tests.postgres import shop
from tests.postgres.clusters import Cluster
from tests.postgres.keys import age_key, gpg_home
from tests.postgres.s3 import BUCKET, KEYS, S3, serving

PLACE = f"s3://{BUCKET}/team a/postgres"


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    with serving() as s3:
        yield s3


@pytest.fixture
def s3(server: S3) -> S3:
    server.empty()
    return server


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[str]:
    """Nothing is left in it, whatever a test does."""
    (tmp_path / "scratch").mkdir()
    yield str(tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []


def backed_up(cluster: Cluster, s3: S3, scratch: str, **options: Any) -> dict[str, Any]:
    made = shop.run(BACKUP, url=cluster.url("shop"), destination=PLACE, scratch=scratch, **s3.options, **options)
    assert not made.get("failed"), made
    backup: dict[str, Any] = made["backup"]
    return backup


@pytest.mark.parametrize("sealed", ["open", "age", "gpg"])
def test_there_and_back(newest: Cluster, s3: S3, scratch: str, tmp_path: Path, sealed: str) -> None:
    shop.build(newest, users=60, items=80)
    seen = shop.seen(newest)
    file, public = age_key(tmp_path)
    with gpg_home() as home:
        seal: dict[str, Any] = {"open": {}, "age": {"age_recipients": [public]}, "gpg": {"gpg_recipients": [home.fingerprint]}}[sealed]
        keys: dict[str, Any] = {"open": {}, "age": {"age_identity": str(file)}, "gpg": {}}[sealed]
        if sealed == "gpg":
            seal["gpg_home"] = keys["gpg_home"] = str(home.path)
        first = backed_up(newest, s3, scratch, **seal)
        newest.run("DELETE FROM \"Order Items\"", "shop")
        second = backed_up(newest, s3, scratch, **seal)
        assert first["encrypted"] is (sealed != "open")
        assert first["path"].startswith(f"{PLACE}/shop/2")
        told = shop.done(INFO, destination=PLACE, verify=True, scratch=scratch, **keys, **s3.options)
        assert [(one["path"], one["state"]) for one in told["backups"]] == [(first["path"], "whole"), (second["path"], "whole")]
        assert all("every block of the dump" in one["looked_at"] for one in told["backups"])
        assert told["newest"]["path"] == second["path"]
        wanted = {"url": newest.url("shop"), "destination": PLACE, "good_at": first["taken_at"], "scratch": scratch, **keys, **s3.options}
        plan = shop.run(RESTORE, check=True, **wanted)
        assert plan["changed"], plan
        assert newest.databases() == ["shop"]
        done = shop.done(RESTORE, **wanted)
        assert (done["source"]["backup"]["path"], done["source"]["dated_by"]) == (first["path"], "the manifest")
        assert shop.seen(newest) == seen
        assert not shop.done(RESTORE, **wanted)["changed"]
        again = {**wanted, "destination": None, "good_at": None, "source": first["path"]}
        assert not shop.done(RESTORE, **again)["changed"]  # the same backup, however it is named


def test_check_mode_sends_nothing(newest: Cluster, s3: S3, scratch: str) -> None:
    shop.build(newest, users=5, items=5)
    told = shop.run(BACKUP, check=True, url=newest.url("shop"), destination=PLACE, scratch=scratch, **s3.options)
    assert told["changed"], told
    assert [call for call in s3.calls if not call.startswith(("GET", "HEAD"))] == []


def test_an_upload_that_fails_is_no_backup(newest: Cluster, s3: S3, scratch: str) -> None:
    shop.build(newest, users=5, items=5)
    wanted: dict[str, Any] = {"url": newest.url("shop"), "destination": PLACE, "scratch": scratch, **s3.options}
    for what in ("toc.dat", "manifest.json"):
        s3.denied = lambda method, path, what=what: method == "PUT" and what in path  # type: ignore[misc]
        assert shop.run(BACKUP, **wanted)["error"] == "NotAuthorised"
        assert (s3.keys, s3.open_uploads) == ([], 0)
    s3.denied = lambda method, path: (method == "PUT" and "manifest" in path) or (method == "DELETE" and "/dump/" in path)
    told = shop.run(BACKUP, **wanted)
    assert (told["error"], "is no backup" in told["msg"]) == ("NotAuthorised", True), told
    info = shop.done(INFO, destination=PLACE, **s3.options)
    assert ([one["state"] for one in info["backups"]], info["newest"]) == (["unfinished"], None)
    refused = shop.run(RESTORE, **wanted)
    assert (refused["error"], "1 more are unfinished" in refused["msg"]) == ("Refused", True), refused
    refused = shop.run(RESTORE, **{**wanted, "destination": None, "source": info["backups"][0]["path"]})
    assert (refused["error"], "neither a backup" in refused["msg"]) == ("BadBackup", True), refused
    told = shop.run(BACKUP, **{**wanted, "scratch": f"{scratch}/nowhere"})
    assert (told["error"], "nothing was changed" in told["msg"]) == ("Refused", True), told
    s3.denied = lambda method, path: False
    assert shop.done(BACKUP, **wanted)["backup"]["path"] == shop.done(INFO, destination=PLACE, **s3.options)["newest"]["path"]


def test_who_may_not_write_is_told_before_the_dump(newest: Cluster, s3: S3, scratch: str) -> None:
    shop.build(newest, users=5, items=5)
    s3.denied = lambda method, path: method in ("PUT", "POST")
    told = shop.run(BACKUP, url=newest.url("shop"), destination=PLACE, scratch=scratch, **s3.options)
    assert (told["error"], "nothing was changed" in told["msg"]) == ("NotAuthorised", True), told
    assert "s3:CreateMultipartUpload" in told["hint"]
    for option, wrong in (("destination", "s3://no-such-bucket/x"), ("destination", "s3:///x")):
        options = {**s3.options, "destination": PLACE, option: wrong}
        told = shop.run(BACKUP, url=newest.url("shop"), scratch=scratch, **options)
        assert (told["failed"], "nothing was changed" in told["msg"]) == (True, True), told


def test_a_run_that_is_killed_while_it_sends(newest: Cluster, s3: S3, scratch: str) -> None:
    """What it has sent is no backup, and the next run is not in its way; its clear text goes with a run that finds it stale."""
    shop.build(newest, users=5, items=5)
    arrived, go_on = threading.Event(), threading.Event()

    def held(method: str, path: str) -> bool:
        if method == "PUT" and "toc.dat" in path:
            arrived.set()
            go_on.wait(60)
        return False

    s3.denied = held
    wanted: dict[str, Any] = {"url": newest.url("shop"), "destination": PLACE, "scratch": scratch, **s3.options}
    code = f"import json, sys; from tests.postgres import shop; from {INFO.perform.__module__.removesuffix('_info')} import BACKUP"
    command = [sys.executable, "-c", f"{code}; shop.run(BACKUP, **json.loads(sys.argv[1]))", json.dumps(wanted)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}) as killed:
        assert arrived.wait(60)
        killed.kill()
    go_on.set()
    s3.denied = lambda method, path: False
    (left,) = Path(scratch).iterdir()
    os.utime(left, (0, 0))  # as old as one that nobody is about to lock
    made = shop.done(BACKUP, **wanted)["backup"]
    states = {one["path"]: one["state"] for one in shop.done(INFO, destination=PLACE, **s3.options)["backups"]}
    assert states.pop(made["path"]) == "finished"
    assert list(states.values()) == ["unfinished"]


def test_two_at_once_are_two_backups(newest: Cluster, s3: S3, scratch: str) -> None:
    shop.build(newest, users=5, items=5)
    with ThreadPoolExecutor(2) as pool:
        made = {one["path"] for one in pool.map(lambda _number: backed_up(newest, s3, scratch), range(2))}
    info = shop.done(INFO, destination=PLACE, verify=True, scratch=scratch, **s3.options)
    assert {one["path"] for one in info["backups"] if one["state"] == "whole"} == made
    assert len(made) == 2


def test_a_key_that_only_writes_is_enough(newest: Cluster, s3: S3, scratch: str) -> None:
    shop.build(newest, users=5, items=5)
    s3.denied = lambda method, path: method not in ("PUT", "POST") and "uploadId=" not in path
    made = backed_up(newest, s3, scratch, verify=False)
    s3.denied = lambda method, path: False
    assert s3.open_uploads == 0
    assert shop.done(INFO, destination=PLACE, verify=True, scratch=scratch, **s3.options)["newest"]["path"] == made["path"]


def test_what_is_not_what_was_sent_is_refused(newest: Cluster, s3: S3, scratch: str) -> None:
    shop.build(newest, users=5, items=5)
    path = backed_up(newest, s3, scratch)["path"]
    seen = shop.seen(newest)
    toc, manifest = (next(key for key in s3.keys if key.endswith(name)) for name in ("toc.dat", "manifest.json"))
    for harm in ("flipped", "gone", "one more", "cut", "manifest flipped"):
        key = manifest if "manifest" in harm else toc
        whole = s3.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        if harm == "gone":
            s3.client.delete_object(Bucket=BUCKET, Key=key)
        elif harm == "one more":
            s3.client.put_object(Bucket=BUCKET, Key=f"{key}.more", Body=b"x")
        else:
            content = bytearray(whole)
            content[len(content) // 2] ^= 1
            s3.client.put_object(Bucket=BUCKET, Key=key, Body=bytes(content[: -1 if harm == "cut" else None]))
        info = shop.done(INFO, destination=PLACE, verify=True, scratch=scratch, **s3.options)
        assert ([one["state"] for one in info["backups"]], info["newest"]) == (["damaged"], None), harm
        told = shop.run(RESTORE, url=newest.url("shop"), source=path, scratch=scratch, **s3.options)
        assert (told["error"], "nothing was changed" in told["msg"]) == ("BadBackup", True), told
        s3.client.put_object(Bucket=BUCKET, Key=key, Body=whole)
        s3.client.delete_object(Bucket=BUCKET, Key=f"{key}.more")
    assert shop.done(INFO, destination=PLACE, verify=True, scratch=scratch, **s3.options)["backups"][0]["state"] == "whole"
    assert (shop.seen(newest), newest.databases()) == (seen, ["shop"])


def test_objects_that_want_to_lie_elsewhere_are_refused(newest: Cluster, s3: S3, scratch: str, tmp_path: Path) -> None:
    shop.build(newest, users=5, items=5)
    backup = backed_up(newest, s3, scratch)
    prefix = backup["path"].removeprefix(f"s3://{BUCKET}/")
    s3.client.put_object(Bucket=BUCKET, Key=f"{prefix}/../../../elsewhere", Body=b"x")
    told = shop.run(RESTORE, url=newest.url("shop"), source=backup["path"], scratch=scratch, **s3.options)
    assert told["error"] == "BadBackup", told
    assert not list(tmp_path.rglob("elsewhere"))


def test_a_dump_that_somebody_has_put_there(newest: Cluster, s3: S3, scratch: str, tmp_path: Path) -> None:
    shop.build(newest, users=20, items=20)
    seen = shop.seen(newest)
    for form in ("custom.gz", "directory"):
        (tmp_path / form).mkdir()
        file = shop.dumped(newest, "shop", tmp_path / form, form)
        for one in [file] if file.is_file() else file.iterdir():
            s3.client.upload_file(str(one), BUCKET, f"by hand/{form}" if one == file else f"by hand/{form}/{one.name}")
        newest.run("DELETE FROM \"Order Items\"", "shop")
        done = shop.done(RESTORE, url=newest.url("shop"), source=f"s3://{BUCKET}/by hand/{form}", scratch=scratch, **s3.options)
        assert "archive's header" in done["source"]["dated_by"]
        assert shop.seen(newest) == seen
    told = shop.run(RESTORE, url=newest.url("shop"), source=f"s3://{BUCKET}/by hand/nothing", scratch=scratch, **s3.options)
    assert (told["error"], "there is nothing at" in told["msg"]) == ("Refused", True), told


@pytest.mark.parametrize("checksums", [True, False])
def test_large_objects_go_in_parts_and_are_compared(s3: S3, tmp_path: Path, checksums: bool) -> None:
    """S3 tells a checksum of the parts; some servers tell none, and then the object is read back."""
    s3.without_checksums = not checksums
    options = dict.fromkeys(("profile", "session_token"))
    objects = Objects(f"s3://{BUCKET}/x", {**options, **s3.options}, Run())
    file, count = tmp_path / "large", Count()
    file.write_bytes(os.urandom(4096) * 8200)
    objects.send(file, "large", count.add)
    assert (count.bytes, len([call for call in s3.calls if "partNumber" in call])) == (file.stat().st_size, 3)
    assert objects.same(file, "large")
    objects.fetch("large", tmp_path / "back", count.add)
    assert (tmp_path / "back").read_bytes() == file.read_bytes()
    with file.open("r+b") as changed:
        changed.seek(20 << 20)
        changed.write(b"!")
    assert not objects.same(file, "large")


def test_parts_of_what_cannot_be_sent_do_not_stay(s3: S3, tmp_path: Path) -> None:
    options = dict.fromkeys(("profile", "session_token"))
    objects = Objects(f"s3://{BUCKET}/x", {**options, **s3.options}, Run())
    (tmp_path / "large").write_bytes(bytes(34_000_000))
    s3.denied = lambda method, path: "partNumber=2" in path
    with pytest.raises(Exception, match="not allowed here"):
        objects.send(tmp_path / "large", "large", lambda count: None)
    assert (s3.open_uploads, s3.keys) == (0, [])


def test_keys_are_shown_nowhere(newest: Cluster, s3: S3, scratch: str) -> None:
    shop.build(newest, users=5, items=5)
    told: list[str] = []
    results = [shop.run(BACKUP, told=told, url=newest.url("shop"), destination=PLACE, scratch=scratch, **s3.options)]
    s3.denied = lambda method, path: True
    results += [shop.run(operation, told=told, destination=PLACE, scratch=scratch, **s3.options) for operation in (INFO,)]
    assert results[1]["failed"]
    assert KEYS["secret_key"] not in f"{results} {told}"


@pytest.mark.skipif(not os.environ.get("LASTGOOD_EVERY_CRASH"), reason="botocore tries for long; LASTGOOD_EVERY_CRASH=1 runs it")
def test_nobody_answers(newest: Cluster, s3: S3, scratch: str) -> None:
    shop.build(newest, users=5, items=5)
    options = {**s3.options, "endpoint_url": f"http://{HOST}:{free_ports()}"}
    told = shop.run(BACKUP, url=newest.url("shop"), destination=PLACE, scratch=scratch, **options)
    assert (told["error"], "nothing was changed" in told["msg"]) == ("Unavailable", True), told
