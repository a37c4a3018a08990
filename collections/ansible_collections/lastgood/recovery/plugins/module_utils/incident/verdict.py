# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of it, from the journal alone. Unknown is never green."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.comparison import first_before, newest_after, worse
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import CACHE

RESTORED, PARTIAL, NOT_RESTORED, COULD_NOT_VERIFY = "RESTORED", "PARTIAL", "NOT RESTORED", "COULD NOT VERIFY"
VERSIONS = "versions"
"""The kind of checks that say which release is served, and not whether it works: alone they verify nothing."""
APPROVAL_MISSING = 13
"""What the process answers when somebody must approve the plan first; nothing was changed."""
FAILED = {"release": "did not go back", "measure": "did not change as wanted"}
"""By the kind of a step's result: what its failure means, in words."""
EXIT_CODES = {RESTORED: 0, PARTIAL: 10, NOT_RESTORED: 11, COULD_NOT_VERIFY: 12}
"""What the process answers; every other code is Ansible's own (2: a step failed or was refused)."""


@dataclass(frozen=True)
class Verdict:
    """One of the four words, and why."""

    word: str
    reason: str
    worse: tuple[str, ...] = ()
    """What is worse than before the rollback, in words."""


def judge(events: list[dict[str, Any]], run: str) -> Verdict:
    """The verdict on one run in an incident's journal.

    RESTORED: every check passes and every target that was asked to go back, or to change, did, and nothing of the bad release is
    cached as far as anybody can tell. PARTIAL: some of that. NOT RESTORED: checks
    still fail, none of those that failed before the rollback has recovered; or something is worse than it was before.
    COULD NOT VERIFY: checks did not run or gave no answer.
    """
    after = newest_after(events, run)
    own = [event for event in events if event.get("run") == run]
    failed = [f"{words}: {', '.join(names)}" for kind, words in FAILED.items() if (names := _failed_targets(own, kind))]
    cached = _failed_targets(own, CACHE)
    if after is None:
        return Verdict(COULD_NOT_VERIFY, "no check ran after the rollback")
    before = first_before(events)
    declined = worse(before, after)
    if declined:
        return Verdict(NOT_RESTORED, f"worse than before: {'; '.join(declined)}", tuple(declined))
    bad = {check["name"] for check in after if check["verdict"] == "BAD"}
    unknown = sorted(check["name"] for check in after if check["verdict"] not in ("OK", "BAD"))
    if bad:
        broken_before = {check["name"] for check in before if check["verdict"] == "BAD"}
        recovered = sorted(broken_before - bad - set(unknown))
        reason = f"still failing: {', '.join(sorted(bad))}"
        if recovered:
            return Verdict(PARTIAL, f"{reason}; works again: {', '.join(recovered)}")
        return Verdict(NOT_RESTORED, reason)
    if unknown or all(check["kind"] == VERSIONS for check in after):
        return Verdict(COULD_NOT_VERIFY, f"no answer from: {', '.join(unknown)}" if unknown else "there is nothing to check")
    if failed:
        return Verdict(PARTIAL, f"every check passes, but {'; '.join(failed)}")
    if cached:
        return Verdict(PARTIAL, f"every check passes, but what is cached of the bad release was not purged: {', '.join(cached)}")
    return Verdict(RESTORED, f"{len(after)} of {len(after)} checks pass")


def _failed_targets(events: list[dict[str, Any]], kind: str) -> list[str]:
    """Targets whose newest attempt of that kind did not succeed."""
    latest: dict[str, bool] = {}
    for event in events:
        if event["event"] == "result" and event.get("kind") == kind and event["status"] != "skipped":
            latest[event["target"]] = event["status"] in ("ok", "changed")
    return sorted(target for target, fine in latest.items() if not fine)
