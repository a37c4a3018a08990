# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption by GnuPG, with the program gpg: its keyring and agent hold the keys, and a passphrase goes through a pipe."""
from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.children import Child

FINGERPRINT = re.compile(r"(?:[0-9A-F]{40}|[0-9A-F]{64})")
NO_KEY = re.compile(
    "No secret key|Bad passphrase|Bad session key|No passphrase|No pinentry|Inappropriate ioctl|Operation cancelled|Timeout|No such file"
)
"""What gpg says when the file may be as good as ever."""
PASSPHRASE_LIMIT = 4096
"""Bytes that a pipe takes at once, on every system."""


class GnuPG:
    """Encrypts for keys that are named by fingerprint, out of a keyring, or by a file with the public key."""

    file = "dump.gpg"

    def __init__(self, recipients: list[str], home: str | None) -> None:
        self._home = home
        self._options: list[str] = []
        self._own_home = home is None
        for text in recipients:
            fingerprint = re.sub(r"\s", "", text).removeprefix("0x").upper()
            if FINGERPRINT.fullmatch(fingerprint):
                self._options += ["--recipient", fingerprint]
                self._own_home = False
            elif Path(text).is_file():
                self._options += ["--recipient-file", text]
            else:
                hint = "An address could be anybody's: give the key's whole fingerprint."
                raise Refused(f"{text} is neither a fingerprint nor a file", hint)
        with open(os.devnull, "rb") as nothing, open(os.devnull, "wb") as nowhere:
            self._encrypt(nothing, nowhere)  # an unknown or expired key is found out before anything is dumped

    def seal(self, stream: Any, target: Path) -> None:
        """All that C(stream) gives, encrypted, in a new file that is on the disk when this returns."""
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            self._encrypt(stream, file)
            os.fsync(file.fileno())

    def _encrypt(self, stream: Any, out: IO[bytes]) -> None:
        with _home(self._home, self._own_home) as place:
            # The keys were named exactly, so that it is nobody's opinion whose they are; the dump is compressed already.
            command = [*_gpg(), *place, "--trust-model", "always", "--compress-algo", "none", *self._options, "--encrypt"]
            with Child(command, {}, stdin=stream, stdout=out) as child:
                if child.wait(lambda text: None, str):
                    hint = "Give a key that gpg knows, that can encrypt and is not expired, or the file with it."
                    raise Refused(f"gpg cannot encrypt for these keys: {child.complaint()}", hint)


def unseal(source: Path, target: IO[bytes], home: str | None, passphrase: str | None) -> None:
    """The clear text; BadBackup when it is damaged, Refused when its key or the key's passphrase is not here."""
    command = [*_gpg(), *(["--homedir", home] if home else [])]
    reader, writer = os.pipe()
    try:
        if passphrase is not None:
            command += ["--pinentry-mode", "loopback", "--passphrase-fd", "0"]
            os.write(writer, passphrase.encode()[:PASSPHRASE_LIMIT] + b"\n")
        os.close(writer)
        with Child([*command, "--decrypt", "--", str(source)], {}, stdin=reader, stdout=target) as child:
            if child.wait(lambda text: None, str):
                said = child.complaint()
                if NO_KEY.search(said):
                    hint = "Name the keyring with gpg_home, or give the passphrase of the key with gpg_passphrase."
                    raise Refused(f"{source} cannot be decrypted with the keys that are here: {said}", hint)
                raise BadBackup(f"{source} cannot be decrypted: {said}", "It is damaged; choose another backup.")
    finally:
        os.close(reader)


def _gpg() -> list[str]:
    if shutil.which("gpg") is None:
        raise Refused("gpg is needed for backups that GnuPG encrypts", "Install GnuPG where this module runs.")
    return ["gpg", "--batch", "--no-tty", "--quiet"]


@contextmanager
def _home(given: str | None, own: bool) -> Iterator[list[str]]:
    """The option that names the keyring: one of our own, empty, where nobody's is needed."""
    if not own:
        yield ["--homedir", given] if given else []
        return
    with tempfile.TemporaryDirectory(prefix="lastgood-gnupg-") as path:
        yield ["--homedir", path]
