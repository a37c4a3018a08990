"""Wrapped and encrypted dumps: restored completely with the right key, refused otherwise; no clear text stays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_info import INFO
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster
from tests.postgres.keys import GpgHome, age_key, gpg_home

PASSPHRASE = "correct horse battery"


class Sealed:
    """A shop that has moved on since its dumps were made, and keys for them."""

    def __init__(self, cluster: Cluster, home: GpgHome, stranger: GpgHome, directory: Path) -> None:
        self.cluster, self.home, self.stranger = cluster, home, stranger
        shop.build(cluster, users=30, items=40)
        self.dumped = shop.seen(cluster)
        self.plain = shop.dumped(cluster, "shop", directory, "plain").read_bytes()
        self.custom = shop.dumped(cluster, "shop", directory, "custom").read_bytes()
        cluster.run("INSERT INTO users (email) VALUES ('late')", "shop")
        self.live = shop.seen(cluster)
        self.age_file, self.age_public = age_key(directory)
        (directory / "other").mkdir()
        self.other_age_file, _public = age_key(directory / "other")
        self.scratch = directory / "scratch"
        self.scratch.mkdir()

    def wrapped(self, how: str) -> bytes:
        recipient = ["--recipient", self.home.fingerprint, "--encrypt"]
        symmetric = ["--pinentry-mode", "loopback", "--passphrase", PASSPHRASE, "--symmetric"]
        ways: dict[str, Callable[[], bytes]] = {
            "lz4": lambda: subprocess.run(["lz4", "-c"], input=self.plain, capture_output=True, check=True).stdout,
            "zstd": lambda: subprocess.run(["zstd", "-c"], input=self.plain, capture_output=True, check=True).stdout,
            "age": lambda: bytes(pyrage.encrypt(self.custom, [pyrage.x25519.Recipient.from_str(self.age_public)])),
            "gpg": lambda: self.home.gpg(*recipient, given=self.custom),
            "gpg in letters": lambda: self.home.gpg("--armor", *recipient, given=self.plain),
            "gpg by passphrase": lambda: self.home.gpg(*symmetric, given=self.plain),
        }
        return ways[how]()

    def restored(self, file: Path, **options: Any) -> dict[str, Any]:
        """With all keys that are right, unless others are given; refused or not, nothing may be left, and nothing half."""
        keys = {"age_identity": str(self.age_file), "gpg_home": str(self.home.path), "gpg_passphrase": PASSPHRASE, **options}
        told: list[str] = []
        result = shop.run(RESTORE, told=told, url=self.cluster.url("shop"), source=str(file), scratch=str(self.scratch), **keys)
        assert list(self.scratch.iterdir()) == []
        assert PASSPHRASE not in f"{result} {told}"
        now = shop.seen(self.cluster)
        if result.get("failed"):
            assert "nothing was changed" in result["msg"], result
            assert (now, self.cluster.databases()) == (self.live, ["shop"])
        else:
            assert now == self.dumped
            self.cluster.run("DROP DATABASE shop")
            self.cluster.run(f'ALTER DATABASE "{result["kept"]}" RENAME TO shop')
        return result


@pytest.fixture(scope="module")
def sealed(server_18: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    server_18.clear()
    with gpg_home(PASSPHRASE) as home, gpg_home() as stranger:
        yield Sealed(server_18, home, stranger, tmp_path_factory.mktemp("sealed"))
    server_18.clear()


FORMS = {
    "lz4": "plain in lz4",
    "zstd": "plain in zstd",
    "age": "custom in age",
    "gpg": "custom in gpg",
    "gpg in letters": "plain in gpg",
    "gpg by passphrase": "plain in gpg",
}


@pytest.mark.parametrize("how", FORMS)
def test_whole_or_refused(sealed: Sealed, tmp_path: Path, how: str) -> None:
    content = sealed.wrapped(how)
    (tmp_path / "dump").write_bytes(content)
    assert sealed.restored(tmp_path / "dump")["source"]["form"] == FORMS[how]
    for length in (len(content) // 3, len(content) * 2 // 3, len(content) - 60):  # letters end with a line that carries nothing
        (tmp_path / "cut").write_bytes(content[:length])
        assert sealed.restored(tmp_path / "cut")["error"] == "BadBackup", (how, length)
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    (tmp_path / "flipped").write_bytes(flipped)
    assert sealed.restored(tmp_path / "flipped")["error"] == "BadBackup"


@pytest.mark.parametrize(
    ("how", "keys", "hint"),
    [
        ("age", {"age_identity": None}, "age_identity"),
        ("age", {"age_identity": "other"}, "age_identity"),
        ("age", {"age_identity": "/nowhere"}, "age_identity"),
        ("gpg", {"gpg_home": "stranger"}, "gpg_home"),
        ("gpg", {"gpg_passphrase": "wrong"}, "gpg_passphrase"),
        ("gpg by passphrase", {"gpg_passphrase": "wrong"}, "gpg_passphrase"),
    ],
)
def test_without_the_right_key(sealed: Sealed, tmp_path: Path, how: str, keys: dict[str, Any], hint: str) -> None:
    (tmp_path / "dump").write_bytes(sealed.wrapped(how))
    subprocess.run(["gpgconf", "--homedir", str(sealed.home.path), "--kill", "gpg-agent"], check=True)  # it remembers passphrases
    others = {"other": str(sealed.other_age_file), "stranger": str(sealed.stranger.path)}
    result = sealed.restored(tmp_path / "dump", **{name: others.get(value or "", value) for name, value in keys.items()})
    assert (result["error"], hint in result["hint"]) == ("Refused", True), result


def test_a_backup_for_a_key_of_gnupg(sealed: Sealed, tmp_path: Path) -> None:
    """Named by fingerprint out of the keyring, or by a file with the public key; whole with and without its private key."""
    public = tmp_path / "public.asc"
    public.write_bytes(sealed.home.gpg("--armor", "--export"))
    url = sealed.cluster.url("shop")
    by_fingerprint: dict[str, Any] = {"gpg_recipients": [sealed.home.fingerprint], "gpg_home": str(sealed.home.path)}
    for number, given in enumerate((by_fingerprint, {"gpg_recipients": [str(public)]})):
        destination = str(tmp_path / str(number))
        made = shop.done(BACKUP, url=url, destination=destination, **given)["backup"]
        assert sorted(path.name for path in Path(made["path"]).iterdir()) == ["dump.gpg", "manifest.json"]
        with_key = {"gpg_home": str(sealed.home.path), "gpg_passphrase": PASSPHRASE}
        info = shop.done(INFO, destination=destination, verify=True, **with_key)["backups"][0]
        assert (info["state"], "every block" in info["looked_at"]) == ("whole", True), info
        info = shop.done(INFO, destination=destination, verify=True, gpg_home=str(sealed.stranger.path))["backups"][0]
        assert (info["state"], "without its key" in info["looked_at"]) == ("whole", True), info


@pytest.mark.parametrize("wrong", ["shop@example.com", "0" * 40, "/nowhere/public.asc", "no key"])
def test_who_is_no_recipient_is_told_before_the_dump(sealed: Sealed, tmp_path: Path, wrong: str) -> None:
    if wrong == "no key":
        (tmp_path / "no.asc").write_text("nothing\n")
        wrong = str(tmp_path / "no.asc")
    options: dict[str, Any] = {"url": sealed.cluster.url("shop"), "destination": str(tmp_path / "b"), "gpg_recipients": [wrong]}
    for check in (True, False):
        told = shop.run(BACKUP, check=check, gpg_home=str(sealed.home.path), **options)
        assert (told["error"], "nothing was changed" in told["msg"]) == ("Refused", True), told
    assert not (tmp_path / "b").exists()
    told = shop.run(BACKUP, age_recipients=[sealed.age_public], **options)
    assert (told["error"], "not by both" in told["msg"]) == ("Refused", True), told


def test_the_passphrase_is_in_no_command(sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program called gpg that writes down what it is given, and then is gpg."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gpg"
    program.write_text(f'#!/bin/sh\n{{ echo "$@"; env; }} >> {tmp_path}/seen\nexec /usr/bin/gpg "$@"\n')
    program.chmod(0o755)
    (tmp_path / "dump").write_bytes(sealed.wrapped("gpg"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert not sealed.restored(tmp_path / "dump").get("failed")
    seen = (tmp_path / "seen").read_text()
    assert "--decrypt" in seen
    assert PASSPHRASE not in seen
