# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for a bucket as it is: the list decides for nearly all keys, and where it cannot, both versions are looked at."""
from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ansible_collections.lastgood.recovery.plugins.module_utils.objects import same
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Call, Outcome, Read
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.checkpoint import Copies
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Rules, Seen, Step, copying, steps
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT, Tell

TAGS, ACL = "tagging", "acl"


@dataclass
class Look:
    """Several reads about one step, of which the last one settles it."""

    step: Step
    wanted: int
    number: int = 0
    got: dict[tuple[str | None, str], Outcome] = field(default_factory=dict)

    def head(self, version: Version) -> Outcome:
        return self.got[version.version_id, ""]


class Looks:
    """Those under way."""

    def __init__(self) -> None:
        self._open: dict[Read, Look] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def begin(self, step: Step, reads: list[Read], number: int = 0) -> list[Read]:
        look = Look(step, len(reads), number)
        self._open.update(dict.fromkeys(reads, look))
        return reads

    def got(self, outcome: Outcome) -> Look | None:
        """The look that is complete with this; None while another answer is missing."""
        read = outcome.call
        if not isinstance(read, Read):
            raise TypeError("only a read belongs to a look")
        look = self._open.pop(read)
        look.got[read.version_id, read.part] = outcome
        return look if len(look.got) == look.wanted else None


class Planning:
    """C(counted) counts steps and bytes by action. C(glance): what has the same ETag is the same, as after a restore of our own."""

    def __init__(self, bucket: Bucket, rules: Rules, copies: Copies, acls: bool, tell: Tell, glance: bool = False) -> None:
        self.bucket, self.rules, self.copies, self.acls, self.tell, self.glance = bucket, rules, copies, acls, tell, glance
        self.seen = Seen()
        self.steps: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self._looks = Looks()
        self._told = time.monotonic()

    def run(self, versions: Iterable[Version], add: Callable[[Step], None]) -> None:
        """Gives every step to C(add). Nothing is changed."""

        def count(step: Step) -> None:
            self.steps[step.action] += 1
            self.bytes[step.action] += step.wanted.size if step.wanted else 0
            add(step)

        for outcome in self.bucket.carry_out(self._calls(versions, count)):
            look = self._looks.got(outcome)
            if look and not self._same(look):
                count(_copied(look.step))

    def _calls(self, versions: Iterable[Version], count: Callable[[Step], None]) -> Iterator[Call | None]:
        for step in steps(self._told_of(versions), self.rules, self.seen):
            if step.action is not Action.COMPARE:
                count(step)
            elif not self._known(step):
                yield from self._looks.begin(step, self._reads(step))

    def _known(self, step: Step) -> bool:
        """Whether what shows is a copy that we have made."""
        wanted, shown = _both(step)
        if self.copies.known(shown.version_id, wanted.version_id):
            return True
        return self.glance and wanted.etag == shown.etag

    def _reads(self, step: Step) -> list[Read]:
        parts = ("", TAGS, ACL) if self.acls else ("", TAGS)
        return [Read(step.key, version.version_id, part) for version in _both(step) for part in parts]

    def _same(self, look: Look) -> bool:
        """Whether nobody could tell the two versions apart; where that cannot be seen, they are not."""
        wanted, shown = _both(look.step)
        one, other = look.head(wanted), look.head(shown)
        if one.failures or other.failures or not same.same_heads(one.headers, other.headers):
            return False
        if not self._same_content(look.step, one, other):
            return False
        return all(self._same_part(look, part) for part in ((TAGS, ACL) if self.acls else (TAGS,)))

    def _same_content(self, step: Step, one: Outcome, other: Outcome) -> bool:
        if same.same_content(one.headers, other.headers):
            return True
        wanted, shown = _both(step)
        heads = []
        for version in (wanted, shown):  # rare: no ETag tells, a checksum may
            asked = {"Bucket": self.bucket.name, "Key": step.key, "VersionId": version.version_id, "ChecksumMode": "ENABLED"}
            self.bucket.calls["HeadObject"] += 1
            heads.append(self.bucket.aws.get("HeadObject", **asked)["ResponseMetadata"]["HTTPHeaders"])
        return same.same_content(*heads)

    @staticmethod
    def _same_part(look: Look, part: str) -> bool:
        wanted, shown = _both(look.step)
        answers = [look.got[version.version_id, part] for version in (wanted, shown)]
        if any(answer.failures for answer in answers):
            # Without the right to read tags, the heads say at least whether there are any.
            counts = [look.head(version).headers.get("x-amz-tagging-count", "0") for version in (wanted, shown)]
            return part == TAGS and counts == ["0", "0"]
        read = same.tags if part == TAGS else same.grants
        return read(answers[0].body) == read(answers[1].body)

    def _told_of(self, versions: Iterable[Version]) -> Iterator[Version]:
        started = self._told
        for number, version in enumerate(versions):
            yield version
            if number & 0x3FFF == 0 and time.monotonic() - self._told >= HEARTBEAT:
                self._told = time.monotonic()
                rate = number / (self._told - started)
                self.tell(f"looks at s3://{self.bucket.name}: {number:,} versions of {self.seen.keys:,} keys, {rate:,.0f}/s")


def _both(step: Step) -> tuple[Version, Version]:
    if step.wanted is None or step.shown is None:
        raise TypeError("two versions are compared")
    return step.wanted, step.shown


def _copied(step: Step) -> Step:
    wanted, _shown = _both(step)
    return step._replace(action=copying(wanted))
