# SPDX-License-Identifier: GPL-3.0-or-later
"""One approval: what is signed, and whether it counts for the request that is open."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain, signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.signature import BadSignature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, write

TYPE = "lastgood approval 1"
FIELDS = ("type", "environment", "incident", "plan", "nonce", "approver", "valid_from", "expires")
SLACK = timedelta(seconds=60)
"""How far the approver's clock may be ahead."""


@dataclass(frozen=True)
class Request:
    """What is to be approved, from the journal's event C(approval_requested), and who must not be the one to do it."""

    environment: str
    incident: str
    plan: str
    nonce: str
    expires: datetime
    requesters: frozenset[str]
    """Whoever asked for it and whoever runs it: their names, and the fingerprints of their keys."""


@dataclass(frozen=True)
class Approval:
    """One that counts."""

    approver: str
    roles: tuple[str, ...]
    key: str
    at: str
    """When it was signed, as its signer's clock had it."""

    def in_words(self) -> str:
        return f"{self.approver} ({', '.join(self.roles)})"


def payload(request: Request, approver: str, now: datetime) -> bytes:
    """What an approver signs."""
    said = {
        "type": TYPE,
        "environment": request.environment,
        "incident": request.incident,
        "plan": request.plan,
        "nonce": request.nonce,
        "approver": approver,
        "valid_from": moment.iso(now),
        "expires": moment.iso(request.expires),
    }
    return chain.canonical(said) + b"\n"


def judge(
    content: bytes, armoured: bytes, request: Request, roles: Mapping[str, Sequence[str]], signers: Path, revoked: Path | None, at: datetime
) -> Approval:
    """The approval, when it counts for the request at that time; BadSignature says why it does not."""
    said = _read(content)
    signed = signature.verify(content, armoured, said["approver"], signers, revoked, at)
    for field, mine in (("environment", request.environment), ("incident", request.incident)):
        if said[field] != mine:
            raise BadSignature(f"was given for the {field} {said[field]}, and is replayed here")
    if said["plan"] != request.plan:
        raise BadSignature(f"is for another plan, {said['plan'][:8]}; this one is {request.plan[:8]}")
    if said["nonce"] != request.nonce:
        raise BadSignature("answers an earlier request, and is replayed here")
    valid_from, expires = (_time(said[field]) for field in ("valid_from", "expires"))
    if at + SLACK < valid_from:
        raise BadSignature(f"is not valid before {said['valid_from']}")
    if at >= min(expires, request.expires):
        raise BadSignature(f"has expired at {moment.iso(min(expires, request.expires))}")
    if _is_requester(said["approver"], signed.fingerprint, request, signers):
        raise BadSignature("was signed by whoever runs this: somebody else must approve")
    held = tuple(role for role, people in roles.items() if said["approver"] in people)
    if not held:
        raise BadSignature(f"was signed by somebody without the role: none of {', '.join(roles)}")
    return Approval(said["approver"], held, signed.fingerprint, said["valid_from"])


def keep(incident: Incident, content: bytes, armoured: bytes, nonce: str, key: str) -> Path:
    """Store it beside the plan, so that C(ssh-keygen -Y verify) can read it too."""
    directory = incident.directory / "approvals"
    directory.mkdir(exist_ok=True)
    path = directory / f"{nonce[:8]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}.json"
    write(path.with_name(path.name + ".sig"), armoured.decode())
    write(path, content.decode())
    return path


def kept(incident: Incident) -> list[tuple[str, bytes, bytes]]:
    """Name, content and signature of all that are stored; the signature is empty where there is none."""
    found = []
    for path in sorted((incident.directory / "approvals").glob("*.json")):
        beside = path.with_name(path.name + ".sig")
        found.append((path.name, path.read_bytes(), beside.read_bytes() if beside.exists() else b""))
    return found


def _read(content: bytes) -> dict[str, str]:
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not all(isinstance(said.get(field), str) for field in FIELDS) or said["type"] != TYPE:
        raise BadSignature("is no approval that can be read")
    return said


def _time(text: str) -> datetime:
    try:
        return moment.parse(text)
    except RecoveryError:
        raise BadSignature(f"has a time that cannot be read, {text}") from None


def _is_requester(approver: str, key: str, request: Request, signers: Path) -> bool:
    names = {approver, approver.partition("@")[0]}
    keys = {mine for mine in request.requesters if mine.startswith("SHA256:")}
    return bool(names & request.requesters) or key in keys or approver in signature.people_of(keys, signers)
