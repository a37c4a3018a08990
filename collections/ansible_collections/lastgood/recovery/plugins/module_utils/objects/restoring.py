# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan carried out: deletions a thousand at a time, copies by themselves, and each step marked once S3 has said that it is done."""
from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ansible_collections.lastgood.recovery.plugins.module_utils.objects import same
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import (
    MOST_DELETED,
    Call,
    Copy,
    Delete,
    Named,
    Outcome,
    Read,
    deletions,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.checkpoint import Checkpoint, Copies
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.left import Archive, Failures
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.meter import Meter
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.planning import ACL, Looks
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.preflight import Setting
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version

COPY_LIMIT = 5 << 30
"""Bytes that one CopyObject takes."""
GONE = ("NoSuchVersion", "NoSuchKey")
ASLEEP = ("InvalidObjectState", "ObjectNotInActiveTierError")


LeftOut = Callable[[Step], bool]


@dataclass
class Kept:
    """Where what happens is kept."""

    checkpoint: Checkpoint
    copies: Copies
    failures: Failures
    archive: Archive
    meter: Meter


@dataclass
class _Copying:
    """C(plain) is the version that a first copy made, before it was known that the source is encrypted in another way."""

    number: int
    step: Step
    looked: bool
    plain: str | None = None


class Restoring:
    """C(large) are the copies that have to be made in parts, and stay with the caller, as do the steps that are C(left_out)."""

    def __init__(self, bucket: Bucket, setting: Setting, kept: Kept, left_out: LeftOut = lambda step: False) -> None:
        self.bucket, self.setting, self.kept, self.left_out = bucket, setting, kept, left_out
        self.large: list[tuple[int, Step]] = []
        self._look_first = setting.acls or setting.website or setting.opaque or setting.locked
        self._looks = Looks()
        self._ready: deque[Call] = deque()
        self._copying: dict[tuple[str, str], _Copying] = {}
        self._deleting: dict[Named, tuple[int, Action]] = {}
        self._left: Counter[int] = Counter()
        self._broken: set[int] = set()

    def run(self) -> None:
        """Ends when every step is done, has failed or is left to somebody else; raises where no step could be done."""
        for outcome in self.bucket.carry_out(self._calls()):
            if isinstance(outcome.call, Delete):
                self._deleted(outcome.call, outcome)
            elif isinstance(outcome.call, Copy):
                self._copied(outcome.call, outcome)
            else:
                self._looked(outcome)
            self.kept.meter.beat()

    def _calls(self) -> Iterator[Call | None]:
        names: list[Named] = []
        for number, step in self.kept.checkpoint.open_steps():
            if self.kept.failures.futile:
                break
            while self._ready:
                yield self._ready.popleft()
            if self.left_out(step):
                continue
            if step.action is Action.COPY:
                yield from self._copy(number, step)
            elif step.action is Action.ARCHIVED:
                self.kept.archive.add(step)
            elif step.action is Action.KEEP:
                self.kept.checkpoint.done(number)
            else:
                names += self._named(number, step)
                while len(names) >= MOST_DELETED:
                    yield from deletions(names[:MOST_DELETED])
                    del names[:MOST_DELETED]
        yield from deletions(names)
        while self._ready or self._looks or self._copying or self._deleting:
            yield self._ready.popleft() if self._ready else None

    def _named(self, number: int, step: Step) -> list[Named]:
        names = [Named(step.key, version_id) for version_id in step.remove or (None,)]
        self._left[number] = len(names)
        self._deleting.update(dict.fromkeys(names, (number, step.action)))
        return names

    def _copy(self, number: int, step: Step) -> list[Call]:
        wanted = wanted_of(step)
        if wanted.size > COPY_LIMIT:
            self.large.append((number, step))
            return []
        if self._look_first or "-" in wanted.etag:
            return list(self._looks.begin(step, self._reads(wanted), number))
        return [self._call(_Copying(number, step, looked=False), same.storage_class(wanted))]

    def _reads(self, wanted: Version) -> list[Read]:
        return [Read(wanted.key, wanted.version_id, part) for part in (("", ACL) if self.setting.acls else ("",))]

    def _call(self, copying: _Copying, headers: dict[str, str]) -> Copy:
        wanted = wanted_of(copying.step)
        self._copying[wanted.key, wanted.version_id] = copying
        return Copy(wanted.key, wanted.version_id, headers)

    def _looked(self, outcome: Outcome) -> None:
        look = self._looks.got(outcome)
        if look is None:
            return
        wanted = wanted_of(look.step)
        before = self._copying.pop((wanted.key, wanted.version_id), None)
        bad = [one.failures[0] for one in look.got.values() if one.failures]
        if bad:
            self.kept.failures.add(look.step.action, bad[0])
            return
        more = same.headers_of(look.head(wanted).headers, self.setting.opaque)
        if self.setting.acls:
            more |= same.grants(look.got[wanted.version_id, ACL].body)
        if before and not more:
            self._done(look.number, look.step)
            return
        copying = _Copying(look.number, look.step, looked=True, plain=before.plain if before else None)
        self._ready.append(self._call(copying, same.storage_class(wanted) | more))

    def _copied(self, call: Copy, outcome: Outcome) -> None:
        copying = self._copying.pop((call.key, call.version_id))
        if outcome.failures:
            if outcome.failures[0].code in ASLEEP:
                self.kept.archive.add(copying.step)
            else:
                self.kept.failures.add(copying.step.action, outcome.failures[0])
            return
        wanted, etag, made = wanted_of(copying.step), same.etag_of_copy(outcome.body), outcome.headers.get("x-amz-version-id")
        if etag and etag != wanted.etag:
            if not copying.looked:  # only what is encrypted with KMS has another ETag: it is copied once more, encrypted as it was
                self._copying[call.key, call.version_id] = replace(copying, plain=made)
                self._ready.extend(self._looks.begin(copying.step, self._reads(wanted), copying.number))
                return
            if made:
                self.kept.copies.add(made, call.version_id)
        if copying.plain and self.setting.removes:
            self._look_first = True
            self._ready.append(Delete((self._extra(Named(call.key, copying.plain)),)))
        self._done(copying.number, copying.step)

    def _extra(self, name: Named) -> Named:
        """A deletion that belongs to no step of the plan."""
        self._deleting[name] = (-1, Action.REMOVE)
        self._left[-1] += 1
        return name

    def _deleted(self, call: Delete, outcome: Outcome) -> None:
        failed = {Named(one.key, one.version_id): one for one in outcome.failures if one.code not in GONE}
        for name in call.names:
            number, action = self._deleting.pop(name)
            self._left[number] -= 1
            if name in failed:
                self.kept.failures.add(action, failed[name])
                self._broken.add(number)
            if self._left[number] == 0:
                del self._left[number]
                if number >= 0 and number not in self._broken:
                    self._done(number, None)

    def _done(self, number: int, step: Step | None) -> None:
        self.kept.checkpoint.done(number)
        self.kept.failures.went_well()
        self.kept.meter.done(wanted_of(step).size if step else 0)


def wanted_of(step: Step) -> Version:
    if step.wanted is None:
        raise TypeError("a version is copied")
    return step.wanted
