# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether enough people of each role could sign: by the allowed_signers file, as ssh-keygen reads it, without anybody signing."""
from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import signature
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy import reading
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.policy import Policy
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.ready.finding import bad, failed, fine, unknown
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.requirements import KNOWN, in_words, missing

OPTION = re.compile(r'(?:[^,"]|"[^"]*")+')
KEY_LISTS = "SSHKRL"
"""What a key revocation list in binary begins with."""
HOW = "docs/approvals.md says how keys are made and listed."


@dataclass(frozen=True)
class Key:
    """One line of an allowed_signers file; C(why) it does not count now, if so."""

    principals: tuple[str, ...]
    fingerprint: str
    why: str


def approvers(approvals: Mapping[str, Any], policy: Any, now: datetime) -> list[Check]:
    """One check for each rule, and for each role that any row of the C(policy) asks; nothing where no approvals are asked for."""
    if not approvals:
        return []
    strange = sorted(set(approvals) - KNOWN)
    if strange:
        return [bad("approvals", "what docs/approvals.md knows", f"approvals has {', '.join(strange)}", HOW)]
    if approvals.get("awx") and not approvals.get("signers"):
        return [unknown("approvals", "people who may approve in AWX", "AWX is not asked who may", "See who may approve there.")]
    try:
        keys = read(Path(str(approvals["signers"])), Path(str(approvals["revoked"])) if approvals.get("revoked") else None, now)
        rules = [dict(rule["by"]) for rule in approvals.get("required") or []]
        rules += [{role: 1} for role in (_asked_by(reading.policy(policy)) if policy else ())]
        roles = {str(role): [str(person) for person in people] for role, people in (approvals.get("roles") or {}).items()}
        return [*_rules(rules, roles, keys)]
    except (RecoveryError, OSError) as error:
        return [failed("approvals", "files of ssh-keygen's that can be read", {"msg": str(error), "error": "Refused"}, HOW)]
    except (KeyError, TypeError, ValueError) as error:
        return [bad("approvals", "rules, roles and signers that can be read", f"{type(error).__name__}: {error}", HOW)]


def _rules(rules: list[dict[str, int]], roles: Mapping[str, list[str]], keys: list[Key]) -> list[Check]:
    """A person signs once, and so does a key: each rule has to be met by different ones."""
    found: list[Check] = []
    seats: dict[str, tuple[str, ...]] = {}
    for person in sorted({person for people in roles.values() for person in people}):
        usable = {key.fingerprint for key in keys if not key.why and any(fnmatchcase(person, one) for one in key.principals)}
        fresh = usable - set(seats)
        if fresh:
            seats[min(fresh)] = tuple(role for role, people in roles.items() if person in people)
    for needs in {in_words(rule): rule for rule in rules if any(rule.values())}.values():
        lack = missing(needs, list(seats.values()))
        name = f"approvers: {in_words(needs)}"
        if not lack:
            found.append(fine(name))
            continue
        spoilt = [f"the key of {person} {key.why}" for role in needs for person in roles.get(role, [])
                  for key in keys if key.why and any(fnmatchcase(person, one) for one in key.principals)]
        unlisted = [f"{person} has no key there" for role in needs for person in roles.get(role, [])
                    if not any(fnmatchcase(person, one) for key in keys for one in key.principals)]
        nobody = [f"nobody has the role {role}" for role in needs if not roles.get(role)]
        why = "; ".join(dict.fromkeys([*spoilt, *unlisted, *nobody])) or "several share one key"
        found.append(bad(name, "as many people with a valid key each", f"lacks {in_words(lack)}: {why}",
                         "See that approvals.roles names them, and that approvals.signers lists a valid key of each: docs/approvals.md."))
    if not found:
        found.append(unknown("approvals", "a rule that needs somebody", "approvals.required asks for nobody", HOW))
    return found


def _asked_by(policy: Policy) -> list[str]:
    roles = policy.otherwise.roles.union(*(row.outcome.roles for row in policy.rows), *policy.approval.values())
    return sorted(roles)


def read(signers: Path, revoked: Path | None, now: datetime) -> list[Key]:
    """Every key of the file that lastgood's signatures could be made with, certificates' authorities aside."""
    gone = revoked.read_text(encoding="utf-8", errors="replace") if revoked else ""
    if gone.startswith(KEY_LISTS):
        raise ValueError(f"{revoked} is a binary list of revoked keys, which is not read here")
    known = set(signature.fingerprints(gone))
    found = []
    for line in signers.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            for fingerprint in signature.fingerprints(line):
                words = _words(line)
                found.append(Key(tuple(words[0].split(",")), fingerprint, "is revoked" if fingerprint in known else _why(line, now)))
    return found


def _why(line: str, now: datetime) -> str:
    """What its options have against it: C(has expired on 2026-11-20), for example."""
    for name, value in _options(line):
        if name == "cert-authority":
            return "is that of an authority, which signs nothing itself"
        if name == "namespaces" and not any(fnmatchcase(signature.NAMESPACE, one) for one in value.split(",")):
            return f"is not permitted for '{signature.NAMESPACE}'"
        if name == "valid-after" and now < _time(value):
            return f"is not valid before {_time(value):%Y-%m-%d}"
        if name == "valid-before" and now >= _time(value):
            return f"has expired on {_time(value):%Y-%m-%d}"
    return ""


def _options(line: str) -> list[tuple[str, str]]:
    """Between the names and the key, such as C(namespaces="lastgood",valid-before="20261122Z")."""
    rest = line.strip().split(maxsplit=1)[1] if len(line.split()) > 1 else ""
    first = re.match(r'(?:[^\s"]|"[^"]*")+', rest)
    if not first or re.match(r"(ssh-|ecdsa-|sk-)", first[0]):
        return []
    pairs = [one.partition("=") for one in OPTION.findall(first[0])]
    return [(name.strip().lower(), value.strip('"')) for name, _equals, value in pairs]


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _time(text: str) -> datetime:
    """C(YYYYMMDD[HHMM[SS]][Z]): without the Z it is this machine's own time, as for ssh-keygen."""
    digits, utc = text.removesuffix("Z"), text.endswith("Z")
    form = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}[len(digits)]
    at = datetime.strptime(digits, form)
    return at.replace(tzinfo=UTC) if utc else at.astimezone()
