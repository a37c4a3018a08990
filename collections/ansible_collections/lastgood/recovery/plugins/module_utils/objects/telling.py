# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of C(s3_objects) says: counts, bytes, examples, and of what failed why."""
from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import translated
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.checkpoint import Checkpoint
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.left import SHOWN, Archive, Failures
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.meter import Meter, size
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.planning import Planning
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Result

CALLS = {Action.COPY: "CopyObject", Action.HIDE: "DeleteObjects", Action.UNDELETE: "DeleteObjects", Action.REMOVE: "DeleteObjects"}
WORDS = {
    Action.COPY: "written over again",
    Action.UNDELETE: "undeleted",
    Action.HIDE: "hidden",
    Action.REMOVE: "rewound",
    Action.ARCHIVED: "in the archive",
    Action.KEEP: "left alone",
}


class Told:
    """Gathers what the result will hold."""

    def __init__(self, notes: list[str]) -> None:
        self.notes = notes
        self.changed = False
        self.last_steps = 0
        self._counts: Counter[str] = Counter()
        self._bytes = 0
        self._seen = [0, 0]
        self._copied = 0
        self._before: dict[str, str] = {}
        self._after: dict[str, str] = {}
        self._last = ""
        self._archived: list[dict[str, Any]] = []
        self._resumed: str | None = None

    def example(self, step: Step) -> None:
        """The first of them, by their keys, are shown in the diff."""
        if step.action not in (Action.KEEP, Action.ARCHIVED):
            if len(self._before) == SHOWN:
                if step.key >= self._last:
                    return
                del self._before[self._last], self._after[self._last]
            self._before[step.key] = _words(step.shown)
            self._after[step.key] = _words(step.wanted)
            self._last = max(self._before)
        elif step.action is Action.ARCHIVED and len(self._archived) < SHOWN and step.wanted:
            self._archived.append(Archive.row(step.wanted))

    def planned(self, planning: Planning) -> None:
        """A plan, or what a later look at the bucket adds to it."""
        self.last_steps = sum(count for action, count in planning.steps.items() if action not in (Action.KEEP, Action.ARCHIVED))
        if self._counts:
            self._counts.update({action: count for action, count in planning.steps.items() if action in CALLS})
            self._bytes += planning.bytes[Action.COPY]
            return
        self._counts.update(planning.steps)
        self._bytes = planning.bytes[Action.COPY]
        self._seen = [planning.seen.keys, planning.seen.versions]
        if planning.seen.parts:
            self.notes.append(
                f"{planning.seen.parts:,} of the versions to show were uploaded in parts; AWS dates those by when the upload was begun"
            )
        if planning.seen.nulls:
            self.notes.append(
                f"{planning.seen.nulls:,} keys were written while versioning was suspended, which may have destroyed a version"
            )
        self.changed = self.last_steps > 0

    def resumed(self, counted: dict[str, Any], done: int, total: int) -> None:
        """The plan of a run that was cut off is gone on with."""
        self._counts.update(counted["steps"])
        self._bytes = sum(counted["bytes"].get(action, 0) for action in (Action.COPY,))
        self._seen = counted["seen"]
        self._resumed = counted["made_at"]
        self.notes.append(f"went on with the plan of {counted['made_at']}, of which {done:,} of {total:,} steps were done")
        self.changed = True

    def done(self, meter: Meter) -> None:
        self._copied += meter.bytes

    def archived(self, archive: Archive) -> None:
        self._archived = archive.first
        self._counts[Action.ARCHIVED] = max(archive.count, self._counts[Action.ARCHIVED])

    def facts(self, bucket: Bucket) -> dict[str, Any]:
        """What a result says, also one that failed."""
        counts = {action.value: self._counts[action] for action in WORDS}
        differing = sum(self._counts[action] for action in WORDS)
        return {
            "counts": {**counts, "untouched": max(0, self._seen[0] - differing)},
            "key_count": self._seen[0],
            "versions": self._seen[1],
            "bytes": self._bytes,
            "bytes_copied": self._copied,
            "archived": self._archived,
            "calls": {name: count for name, count in sorted(bucket.calls.items()) if count},
            "notes": self.notes,
            "resumed": self._resumed,
        }

    def result(self, bucket: Bucket, options: Options, until: datetime, waited: float) -> Result:
        place = f"s3://{options['bucket']}/{options['key'] if options['key'] is not None else options['prefix']}"
        return {
            "changed": self.changed,
            "summary": f"{place} as before {moment.iso(until)}: {self._summary()}",
            "as_of": moment.iso(until - timedelta(seconds=1) if options["good_at"] else until),
            **self.facts(bucket),
            "failed_keys": [],
            "waited": waited,
            "diff": {"before": dict(sorted(self._before.items())), "after": dict(sorted(self._after.items()))},
        }

    def _summary(self) -> str:
        said = [f"{self._counts[action]:,} {words}" for action, words in WORDS.items() if self._counts[action]]
        copied = f", {size(self._bytes)} to copy" if self._counts[Action.COPY] else ""
        return ", ".join(said) + copied if said else "nothing to do"


def failed(told: Told, bucket: Bucket, failures: Failures, checkpoint: Checkpoint, where: str) -> errors.RecoveryError:
    """The error for keys that could not be restored: of the kind that most of them had."""
    count, total, done = failures.codes.total(), checkpoint.total, len(checkpoint)
    code, message = failures.codes.most_common(1)[0][0], failures.first[0]["message"]
    call = CALLS.get(Action(failures.first[0]["action"]), "CopyObject")
    kind = translated("s3", call, {"Error": {"Code": code, "Message": message}})
    stopped = "; the rest was not tried" if failures.futile else ""
    return type(kind)(
        f"{total - done:,} of {total:,} keys of {where} are not restored ({failures.words}){stopped}; {done:,} are",
        f"{kind.hint} What failed is in {failures.path}; the same command tries it again.",
        **told.facts(bucket),
        failed_keys=failures.first,
        failed_count=count,
        failed_file=str(failures.path),
    )


def _words(version: Version | None) -> str:
    return f"version {version.version_id} of {moment.iso(version.last_modified)}, {size(version.size)}" if version else "nothing"
