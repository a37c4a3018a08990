# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH signatures, by OpenSSH's own C(ssh-keygen -Y): made with a key file, an agent or a FIDO2 key, and verified offline."""
# In process there is no AnsibleModule, whose run_command would be.
# pylint: disable=ansible-bad-function
from __future__ import annotations

import base64
import binascii
import hashlib
import os
import shlex
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused

NAMESPACE = "lastgood"
"""What a signature is for: one for Git or for mail is none for us."""
PATIENCE = 10


class BadSignature(Exception):
    """Why a signature does not count, in words that follow on "it"."""


@dataclass(frozen=True)
class Signature:
    """What a signature says of itself, which nobody has verified."""

    namespace: str
    fingerprint: str
    kind: str


def sign(content: bytes, key: Path, namespace: str = NAMESPACE) -> bytes:
    """The armoured signature. C(key) is a private key, or a public one whose private key an agent or a FIDO2 token has."""
    done = _keygen(["-Y", "sign", "-n", namespace, "-f", str(key)], content, patience=None)
    if done.returncode:
        raise Refused(f"{key} did not sign: {_last_line(done.stderr)}", "Give a key that works: --key ~/.ssh/id_ed25519")
    return done.stdout


def read(armoured: bytes) -> Signature:
    """What is in it (OpenSSH's PROTOCOL.sshsig)."""
    try:
        head, *middle, tail = armoured.decode("ascii").split("-----")[1:-1]
        blob = base64.b64decode("".join(middle), validate=False)
        if (head, tail) != ("BEGIN SSH SIGNATURE", "END SSH SIGNATURE") or blob[:6] != b"SSHSIG":
            raise ValueError
        key, rest = _string(blob[10:])
        namespace, _rest = _string(rest)
        kind, _rest = _string(key)
        return Signature(namespace.decode(), fingerprint(key), kind.decode())
    except (ValueError, struct.error, binascii.Error):
        raise BadSignature("has no signature that can be read") from None


def verify(
    content: bytes, armoured: bytes, signer: str, signers: Path, revoked: Path | None, at: datetime, namespace: str = NAMESPACE
) -> Signature:
    """The signature, when it is C(signer)'s over C(content) and counted at C(at); BadSignature says why not."""
    said = read(armoured)
    if said.namespace != namespace:
        raise BadSignature(f"was signed for '{said.namespace}', not for '{namespace}'")
    if "-cert-" in said.kind:
        raise BadSignature("was signed with a certificate: list the key itself")
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "signature")
        file.write_bytes(armoured)
        if _keygen(["-Y", "check-novalidate", "-n", namespace, "-s", str(file)], content).returncode:
            raise BadSignature("says something else than what was signed: it is altered or forged")
        call = ["-Y", "verify", "-n", namespace, "-f", str(signers), "-I", signer, "-s", str(file), "-O", f"verify-time={at:%Y%m%d%H%M%SZ}"]
        listed = _keygen(call, content)
        if listed.returncode:
            raise BadSignature(_why(listed.stderr.decode(errors="replace"), said, signer, signers))
        if revoked and _keygen([*call, "-r", str(revoked)], content).returncode:
            raise BadSignature(f"was signed with a key that is revoked, {said.fingerprint}")
    return said


def fingerprint(key: bytes) -> str:
    """As C(ssh-keygen -l) shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def fingerprints(text: str) -> list[str]:
    """Those of the public keys in the text, one a line as in C(*.pub) files and from C(ssh-add -L)."""
    return [found for found in (_key_in(line) for line in text.splitlines()) if found]


def people_of(keys: set[str], signers: Path) -> set[str]:
    """Whose keys these are, by the allowed_signers file."""
    people: set[str] = set()
    for line in signers.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.strip() and not line.lstrip().startswith("#") and _key_in(line) in keys:
            people.update(_split(line)[0].split(","))
    return people


def own_keys() -> list[str]:
    """The fingerprints of the keys at hand to whoever runs this: in C(~/.ssh) and in the agent, which may be a forwarded one."""
    found: set[str] = set()
    try:
        for file in (Path.home() / ".ssh").glob("*.pub"):
            found.update(fingerprints(file.read_text(encoding="utf-8", errors="replace")))
    except (OSError, RuntimeError):
        pass  # no home
    if os.environ.get("SSH_AUTH_SOCK") and shutil.which("ssh-add"):
        try:
            listed = subprocess.run(["ssh-add", "-L"], capture_output=True, timeout=PATIENCE, check=False)
            found.update(fingerprints(listed.stdout.decode(errors="replace")))
        except subprocess.TimeoutExpired:
            pass
    return sorted(found)


def _keygen(arguments: list[str], content: bytes, patience: float | None = PATIENCE) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["ssh-keygen", *arguments], input=content, capture_output=True, timeout=patience, check=False,
                              env={**os.environ, "LC_ALL": "C"})
    except FileNotFoundError:
        raise Refused("ssh-keygen is missing", "Install OpenSSH 8.9 or newer: approvals are its signatures.") from None
    except subprocess.TimeoutExpired:
        raise Refused("ssh-keygen does not answer", "Run the same command again.") from None


def _why(told: str, said: Signature, signer: str, signers: Path) -> str:
    if "not yet valid" in told:
        return f"was signed with a key that is not valid yet, {said.fingerprint}"
    if "has expired" in told:
        return f"was signed with a key that is no longer valid, {said.fingerprint}"
    if "not permitted" in told:
        return f"was signed with a key that {signers.name} does not permit for '{said.namespace}'"
    return f"was signed with a key that {signers.name} does not list for {signer}, {said.fingerprint}"


def _string(blob: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", blob[:4])
    if len(blob) < 4 + length:
        raise ValueError
    return blob[4 : 4 + length], blob[4 + length :]


def _key_in(line: str) -> str | None:
    for word in _split(line):
        if word.startswith("AAAA"):
            try:
                return fingerprint(base64.b64decode(word, validate=True))
            except binascii.Error:
                continue
    return None


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _last_line(text: bytes) -> str:
    return (text.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
