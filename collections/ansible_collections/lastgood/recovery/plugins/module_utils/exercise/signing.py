# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signs the evidence, with which key; tried out before anything is broken."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.signature import BadSignature

NAMESPACE = "lastgood-exercise"
"""What the evidence is signed for; an approval's signature is none of it."""
HOW = "docs/exercises.md says how a key is made and listed; -e unsigned=true goes on without one, and the evidence says so."


@dataclass(frozen=True)
class Signing:
    """A key, its owner by the allowed_signers file, and the files that it is verified by."""

    key: Path
    signer: str
    signers: Path
    revoked: Path | None

    def sign(self, content: bytes) -> bytes:
        """The armoured signature; Refused when it would not count."""
        armoured = signature.sign(content, self.key, NAMESPACE)
        try:
            signature.verify(content, armoured, self.signer, self.signers, self.revoked, datetime.now(UTC), NAMESPACE)
        except BadSignature as error:
            raise Refused(f"a signature by {self.key} would not count: it {error}", HOW) from None
        return armoured


def signing(exercise: Mapping[str, Any], key: str | None) -> Signing:
    """As the inventory's C(exercise) has it; Refused where it cannot be signed."""
    given = key or exercise.get("key")
    if not given:
        raise Refused("there is no key to sign the evidence with", HOW)
    path, signers = Path(given).expanduser(), Path(str(exercise.get("signers") or "")).expanduser()
    if not path.is_file():
        raise Refused(f"there is no key {path} to sign the evidence with", HOW)
    if not exercise.get("signers") or not signers.is_file():
        raise Refused(f"there is no list of signers{f' {signers}' if exercise.get('signers') else ''} to verify the evidence by", HOW)
    revoked = Path(exercise["revoked"]).expanduser() if exercise.get("revoked") else None
    return Signing(path, exercise.get("signer") or _owner(path, signers), signers, revoked)


def _owner(key: Path, signers: Path) -> str:
    public = key if key.suffix == ".pub" else key.with_name(key.name + ".pub")
    if not public.is_file():
        raise Refused(f"{public} does not exist, the public half of the key", f"Say whose it is: exercise.signer. {HOW}")
    people = signature.people_of(set(signature.fingerprints(public.read_text(encoding="utf-8"))), signers)
    names = sorted(name for name in people if "*" not in name and "?" not in name)
    if len(names) != 1:
        raise Refused(f"{signers} lists the key for {', '.join(names) or 'nobody'}", f"Say whose it is: exercise.signer. {HOW}")
    return names[0]
