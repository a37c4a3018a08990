# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption by age (the library pyrage); keys are never written down or shown."""
from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import BadBackup, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

pyrage: Any = library("pyrage")


class Age:
    """Encrypts for public keys C(age1…) and C(ssh-ed25519 …)."""

    file = "dump.age"

    def __init__(self, recipients: list[str]) -> None:
        self._keys = [_recipient(text) for text in recipients]

    def seal(self, stream: Any, target: Path) -> None:
        """All that C(stream) gives, encrypted, in a new file that is on the disk when this returns."""
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            pyrage.encrypt_io(stream, file, self._keys)
            file.flush()
            os.fsync(file.fileno())


def unseal(source: Path, target: IO[bytes], identity: str | None) -> None:
    """The clear text of an age file; BadBackup when it is damaged, Refused when the key is missing or another one."""
    keys = _identities(identity)
    with source.open("rb") as file:
        try:
            pyrage.decrypt_io(file, target, keys)
        except (pyrage.DecryptError, OSError) as error:
            if isinstance(error, OSError) and error.errno:
                raise  # the disk's, not the file's
            if "No matching keys" in str(error):
                raise Refused(f"{source} is encrypted for another key than {identity}", "Name the right key with age_identity.") from None
            raise BadBackup(f"{source} cannot be decrypted: {error}", "It is damaged; choose another backup.") from None


def _recipient(text: str) -> Any:
    try:
        kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
        return kind.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise Refused(f"{text[:12]}… is no public key of age", "Give the line that starts with age1 or ssh-.") from None


def _identities(path: str | None) -> list[Any]:
    """The private keys in a file as C(age-keygen) writes it, or an OpenSSH key."""
    if not path:
        raise Refused("the backup is encrypted, and no key was given", "Name the file with the age key with age_identity.")
    try:
        text = Path(path).read_text(encoding="utf-8")
        if "OPENSSH PRIVATE KEY" in text:
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        return [pyrage.x25519.Identity.from_str(line) for line in lines]
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Refused(f"the key {path} cannot be read: {why}", "Name the file with the age key with age_identity.") from None
    except pyrage.IdentityError:
        raise Refused(f"{path} holds no private key of age", "Name a file that age-keygen has written.") from None
