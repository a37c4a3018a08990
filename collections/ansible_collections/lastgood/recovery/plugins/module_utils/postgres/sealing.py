# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption of backups, by age (the library pyrage) and GnuPG; keys are never written down or shown."""
from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

pyrage: Any = library("pyrage")


def recipients(given: list[str]) -> list[Any]:
    """The public keys C(age1…) and C(ssh-ed25519 …) that a backup is encrypted for."""
    found = []
    for text in given:
        try:
            kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
            found.append(kind.Recipient.from_str(text))
        except pyrage.RecipientError:
            raise Refused(f"{text[:12]}… is no public key of age", "Give the line that starts with age1 or ssh-.") from None
    return found


def seal(stream: Any, target: Path, keys: list[Any]) -> None:
    """All that C(stream) gives, encrypted, in a new file that is on the disk when this returns."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        pyrage.encrypt_io(stream, file, keys)
        file.flush()
        os.fsync(file.fileno())


def identities(path: str | None) -> list[Any]:
    """The private keys in a file as C(age-keygen) writes it, or an OpenSSH key."""
    if not path:
        raise Refused("the backup is encrypted, and no key was given", "Name the file with the age key with age_identity.")
    try:
        text = Path(path).read_text(encoding="utf-8")
        if "OPENSSH PRIVATE KEY" in text:
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        return [pyrage.x25519.Identity.from_str(line) for line in lines]
    except OSError as error:
        raise Refused(f"the key {path} cannot be read: {error.strerror}", "Name the file with the age key with age_identity.") from None
    except pyrage.IdentityError:
        raise Refused(f"{path} holds no private key of age", "Name a file that age-keygen has written.") from None


def unseal(source: Path, target: IO[bytes], keys: list[Any]) -> None:
    """The clear text of an age file; BadBackup when it is damaged or for somebody else."""
    with source.open("rb") as file:
        try:
            pyrage.decrypt_io(file, target, keys)
        except (pyrage.DecryptError, OSError) as error:
            raise BadBackup(f"{source} cannot be decrypted: {error}", "It is damaged, or encrypted for another key.") from None
