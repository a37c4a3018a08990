"""Keys of age and GnuPG, made for one test; the agent that gpg starts ends with it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage  # type: ignore[import-untyped]


class GpgHome:
    """A keyring with one key. Its path is short: gpg's agent has its socket in it."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self.path = path
        given = ["--passphrase", passphrase, "--pinentry-mode", "loopback"]
        self.gpg("--quick-generate-key", "shop@example.com", "future-default", "default", "never", options=given)
        listed = self.gpg("--list-keys", "--with-colons").decode()
        self.fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr"))

    def gpg(self, *arguments: str, options: list[str] | None = None, given: bytes = b"") -> bytes:
        always = ["--homedir", str(self.path), "--batch", "--quiet", "--yes", "--trust-model", "always"]
        command = ["gpg", *always, *(options or []), *arguments]
        return subprocess.run(command, input=given, capture_output=True, check=True).stdout


@contextmanager
def gpg_home(passphrase: str = "") -> Iterator[GpgHome]:
    path = Path(tempfile.mkdtemp(prefix="gpg-"))
    try:
        yield GpgHome(path, passphrase)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(path), "--kill", "gpg-agent"], check=False)
        shutil.rmtree(path, ignore_errors=True)


def age_key(directory: Path) -> tuple[Path, str]:
    """The file with a private key as age-keygen writes it, and the public one."""
    identity = pyrage.x25519.Identity.generate()
    file = directory / "age.key"
    file.write_text(f"# created: today\n# public key: {identity.to_public()}\n{identity}\n")
    return file, str(identity.to_public())
