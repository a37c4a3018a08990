# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption of backups, by age or GnuPG: for whom, and with which keys they are read."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import age, gnupg
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.age import Age
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.gnupg import GnuPG

HOME: dict[str, Any] = {"gpg_home": {"type": "path"}}
SEALING: dict[str, Any] = {
    "age_recipients": {"type": "list", "elements": "str", "default": []},
    "gpg_recipients": {"type": "list", "elements": "str", "default": []},
    **HOME,
}
OPENING: dict[str, Any] = {
    "age_identity": {"type": "path"},
    "gpg_passphrase": {"type": "str", "no_log": True, "fallback": (env_fallback, ["LASTGOOD_GPG_PASSPHRASE"])},
    **HOME,
}
SEALED = (Age.file, GnuPG.file)
"""What an encrypted C(pg_dump -Fc) is called in a backup."""


class Seal(Protocol):
    """One way to encrypt."""

    file: str

    def seal(self, stream: Any, target: Path) -> None:
        """All that C(stream) gives, encrypted, in a new file."""


def chosen(options: Options) -> Seal | None:
    """What the options ask for; Refused when one of the keys is none."""
    by_age, by_gpg = options.get("age_recipients"), options.get("gpg_recipients")
    if by_age and by_gpg:  # both have a default, so that mutually_exclusive would always find them
        raise Refused("a backup is encrypted by age or by GnuPG, not by both", "Give age_recipients or gpg_recipients.")
    if by_gpg:
        return GnuPG(by_gpg, options.get("gpg_home"))
    return Age(by_age) if by_age else None


@dataclass(frozen=True)
class Keys:
    """What encrypted files can be read with."""

    age_identity: str | None = None
    gpg_home: str | None = None
    gpg_passphrase: str | None = None

    @classmethod
    def of(cls, options: Options) -> Keys:
        return cls(**{name: options.get(name) for name in OPENING})

    def unseal(self, source: Path, kind: str, target: IO[bytes]) -> None:
        """The clear text of a file of C(age) or C(gpg); BadBackup when it is damaged, Refused without its key."""
        if kind == "age":
            age.unseal(source, target, self.age_identity)
        else:
            gnupg.unseal(source, target, self.gpg_home, self.gpg_passphrase)
