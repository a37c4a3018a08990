# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether exercises are what was written and signed: each alone, as a chain, and against the incidents that they speak of."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.drill.listed import ENDED
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.evidence import TYPE, as_bytes, sha256
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.record import (
    EVIDENCE,
    SIGNATURE,
    Exercises,
    directories,
    directory,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.signing import NAMESPACE
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.evidence import find_evidence
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.signature import BadSignature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.verification import INTACT, TAMPERED, Anchored, verify

UNSIGNED, UNVERIFIED = "UNSIGNED", "UNVERIFIED"
SOUND = (INTACT, UNSIGNED)
"""States in which the files are what was written."""


@dataclass(frozen=True)
class Signers:
    """Who may sign, and whose keys no longer count."""

    file: Path | None = None
    revoked: Path | None = None

    @classmethod
    def of(cls, exercise: Mapping[str, Any]) -> Signers:
        """As the inventory's C(exercise) has it."""
        return cls(*(Path(exercise[key]).expanduser() if exercise.get(key) else None for key in ("signers", "revoked")))


@dataclass
class Judged:
    """What came of one exercise. C(evidence) is None where it cannot be read."""

    name: str
    state: str = INTACT
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    evidence: dict[str, Any] | None = None

    @property
    def environment(self) -> str:
        return str((self.evidence or {}).get("environment", ""))

    def found(self, finding: str) -> None:
        self.findings.append(finding)
        self.state = TAMPERED


def verify_all(store: Store, signers: Signers) -> list[Judged]:
    """Every exercise that there is or was, oldest first."""
    judged = [verify_exercise(store, path.name, signers) for path in directories(store)]
    for environment in dict.fromkeys([*(one.environment for one in judged if one.evidence), *_recorded(store)]):
        judged += _gone(store, environment, judged)
        _chain([one for one in judged if one.evidence and one.environment == environment], {one.name: one for one in judged})
    return sorted(judged, key=lambda one: (one.environment, (one.evidence or {}).get("number", 0), one.name))


def verify_exercise(store: Store, name: str, signers: Signers) -> Judged:
    """One exercise, without those before and after it."""
    judged, place = Judged(name), directory(store, name)
    content = _bytes(place / EVIDENCE)
    evidence = _evidence(content)
    if content is None or evidence is None or as_bytes(evidence) != content:
        judged.found(f"{EVIDENCE} {'is gone' if content is None else 'is not what was written: it was changed, or cut off'}")
    if evidence is None:
        return judged
    judged.evidence = evidence
    if evidence["name"] != name:
        judged.found(f"{EVIDENCE} is that of {evidence['name']}")
    _signature(judged, content or b"", _bytes(place / SIGNATURE), signers)
    for file, digest in evidence["pages"].items():
        page = _bytes(place / file)
        if page is None or sha256(page) != digest:
            judged.found(f"{file} {'is gone' if page is None else 'was changed'}")
    for step in evidence["steps"]:
        if step["incident"]:
            _incident(judged, store, step["incident"])
    return judged


def _signature(judged: Judged, content: bytes, armoured: bytes | None, signers: Signers) -> None:
    evidence = judged.evidence or {}
    signer = evidence["signer"]
    if signer is None:
        judged.state = TAMPERED if judged.findings else UNSIGNED
        judged.notes.append("nobody has signed it: it could have been written anew unnoticed")
        return
    if armoured is None:
        judged.found(f"{SIGNATURE} is gone, {signer}'s signature")
        return
    if signers.file is None or not signers.file.is_file():
        judged.state = TAMPERED if judged.findings else UNVERIFIED
        judged.notes.append(f"{signer}'s signature was not verified: give --signers, an allowed_signers file")
        return
    try:
        signed = signature.verify(content, armoured, signer, signers.file, signers.revoked, moment.parse(evidence["ended_at"]), NAMESPACE)
        judged.notes.append(f"signed by {signer}, {signed.fingerprint}")
    except BadSignature as error:
        judged.found(f"{EVIDENCE} {error}")


def _incident(judged: Judged, store: Store, told: Mapping[str, Any]) -> None:
    """Its journal has that head at that line and no line more, and every file is what it was."""
    name = told["id"]
    try:
        incident = store.find(name)
    except RecoveryError:
        judged.found(f"incident {name} is gone")
        return
    journal = told["journal"]
    chained = verify(incident.journal.content(), name, [Anchored(journal["lines"], journal["head"])] if journal["lines"] else [])
    if chained.state != journal["state"]:
        judged.found(f"the journal of {name} is {chained.state}: {'; '.join(chained.findings) or 'it was ' + journal['state']}")
    elif chained.lines != journal["lines"]:
        judged.found(f"the journal of {name} has {chained.lines} lines and had {journal['lines']}")
    there = {one["file"]: one["sha256"] for one in find_evidence(incident)}
    for file in sorted({*there, *told["files"]}):
        if there.get(file) != told["files"].get(file):
            how = "is gone" if file not in there else "was added" if file not in told["files"] else "was changed"
            judged.found(f"{name}/{file} {how}")


def _chain(judged: Sequence[Judged], known: Mapping[str, Judged]) -> None:
    """Each follows the one before it, as that was then, and only one follows none. Theirs alone is what each of them is told."""
    followed: dict[str | None, str] = {}
    for one in sorted(judged, key=lambda one: (one.evidence or {})["number"]):
        previous = (one.evidence or {})["previous"]
        name = previous["name"] if previous else None
        if name in followed:
            one.found(f"follows {name or 'none'}, as {followed[name]} does: one of them was put in its place")
        followed.setdefault(name, one.name)
        if previous and (name not in known or known[str(name)].evidence is None):
            one.found(f"follows {name}, which is gone: it was removed")
        elif previous:
            before = known[str(name)]
            if sha256(as_bytes(before.evidence or {})) != previous["sha256"]:
                before.found(f"{EVIDENCE} was changed since {one.name} followed it")


def _recorded(store: Store) -> list[str]:
    """The environments whose exercises are written down in the store."""
    if store.mirror:
        return []
    return sorted(path.stem.removeprefix("exercises-") for path in store.root.glob("exercises-*.json"))


def _gone(store: Store, environment: str, judged: Sequence[Judged]) -> list[Judged]:
    """Those that have ended by the record beside them, and have no directory or another evidence."""
    there = {one.name: one for one in judged}
    lost: list[Judged] = []
    try:
        rows = Exercises(store, environment).read()
    except RecoveryError as error:
        rows = []
        for one in judged:
            one.notes.append(error.message)
    for row in (row for row in rows if row["state"] == ENDED):
        found = there.get(row["name"])
        if found is None:
            lost.append(Judged(row["name"], TAMPERED, [f"it ended {row['ended_at']}, and its evidence is gone"]))
        elif found.evidence and sha256(as_bytes(found.evidence)) != row["sha256"]:
            found.found(f"{EVIDENCE} is not the one that {environment}'s exercises-{environment}.json names")
    return lost


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _evidence(content: bytes | None) -> dict[str, Any] | None:
    try:
        found = json.loads(content or b"")
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and found.get("type") == TYPE
    return found if whole and {"name", "number", "signer", "pages", "steps", "previous", "ended_at", "environment"} <= set(found) else None
