# SPDX-License-Identifier: GPL-3.0-or-later
"""C(s3_objects): planned, carried out, looked at again, until the bucket shows what it showed at the moment."""
from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import OPTIONS as AWS
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import parts, preflight, telling
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Failure
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.checkpoint import Checkpoint, Copies, locked
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.cut import until
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.left import Archive, Failures
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.meter import Meter
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Rules, Step, Unsettled
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.planning import Planning
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.restoring import Kept, Restoring, wanted_of
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import REACH, within_reach
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import wait

ROUNDS = 4
"""How often the bucket is looked at before it is believed that somebody keeps writing."""
UNSETTLED = 0.5
"""Seconds until the list is read again."""
T = TypeVar("T")
DEFAULT_STATE = "~/.local/state/lastgood/s3_objects"
ARGUMENTS: dict[str, Any] = {
    **AWS,
    **REACH,
    "bucket": {"type": "str", "required": True},
    "prefix": {"type": "str", "default": ""},
    "key": {"type": "str", "no_log": False},
    "good_at": {"type": "str"},
    "bad_at": {"type": "str"},
    "method": {"type": "str", "choices": ["copy", "rewind"], "default": "copy"},
    "created_after": {"type": "str", "choices": ["hide", "keep"]},
    "archived": {"type": "str", "choices": ["fail", "report", "request"], "default": "fail"},
    "restore_tier": {"type": "str", "choices": ["Expedited", "Standard", "Bulk"], "default": "Standard"},
    "restore_days": {"type": "int", "default": 7},
    "verify": {"type": "bool", "default": True},
    "state_dir": {"type": "path", "default": DEFAULT_STATE},
}


class Wish:
    """What is asked for, and what has come of it."""

    def __init__(self, options: Options, run: Run) -> None:
        self.options, self.run = options, run
        self.until = until(options)
        within_reach("s3", options["bucket"], options["reach"])
        self.bucket = Bucket(options["bucket"], options, run)
        self.below = options["key"] if options["key"] is not None else options["prefix"]
        self.setting = preflight.looked_at(self.bucket, self.below)
        preflight.allowed(self.setting, self.until, options["method"] == "rewind", options["created_after"])
        endpoint = self.bucket.aws.reading.meta.endpoint_url
        self.directory = Path(options["state_dir"]).expanduser()
        self.place = _short([endpoint, options["bucket"]])
        asked = {name: options[name] for name in ("bucket", "prefix", "key", "method", "created_after")}
        self.about = {**asked, "endpoint": endpoint, "until": moment.iso(self.until), "removes": self.setting.removes}
        self.copies = Copies(self.directory, self.place)
        self.told = telling.Told(self.setting.notes)
        self.rules = Rules(
            until=self.until,
            rewind=options["method"] == "rewind",
            removes=self.setting.removes,
            keep_created=options["created_after"] == "keep",
            opaque=self.setting.opaque,
        )

    def settled(self, plan: Callable[[], T]) -> T:
        """What C(plan) returns, which is called again while the list is not in order."""
        for _attempt in range(ROUNDS - 1):
            try:
                return plan()
            except Unsettled as reason:
                wait(UNSETTLED, reason.message, self.run.tell)
        return plan()

    def planned(self, add: Any, again: bool) -> Planning:
        """The plan of the bucket as it is now; every step goes to C(add)."""
        planning = Planning(self.bucket, self.rules, self.copies, self.setting.acls, self.run.tell, glance=again)
        versions = self.bucket.versions(self.below)
        if self.options["key"] is not None:
            versions = takewhile(lambda version: version.key == self.below, versions)
        planning.run(versions, add)
        return planning


def perform(options: Options, run: Run) -> Result:
    """Restores, or with C(run.check) counts what would be done."""
    started = time.monotonic()
    wish = Wish(options, run)
    if run.check:
        wish.told.planned(wish.settled(lambda: wish.planned(wish.told.example, again=False)))
    else:
        with locked(wish.directory, wish.place):
            _restore(wish)
    return wish.told.result(wish.bucket, wish.options, wish.until, round(time.monotonic() - started, 3))


def _restore(wish: Wish) -> None:
    checkpoint = Checkpoint(wish.directory, _short(wish.about))
    for number in range(ROUNDS):
        now = datetime.now(UTC)
        resumed = checkpoint.resumed(wish.about, now) if number == 0 else None
        if resumed:
            wish.told.resumed(resumed, len(checkpoint), checkpoint.total)
        else:
            wish.settled(partial(_plan, wish, checkpoint, now, again=number > 0))
        if not checkpoint.total:
            checkpoint.forget()
            return
        archive = _carry_out(wish, checkpoint)
        if archive.count:
            checkpoint.forget()
            _archived(wish, archive)
            if archive.count == checkpoint.total:
                return
        checkpoint.forget()
        if not wish.options["verify"]:
            return
        wish.run.tell(f"looks whether s3://{wish.bucket.name} shows what it should")
    raise errors.Conflict(
        f"s3://{wish.bucket.name}/{wish.below} was restored, but something keeps writing: {wish.told.last_steps:,} keys differ again",
        "Stop what writes there, then run the same command again.",
        **wish.told.facts(wish.bucket),
    )


def _plan(wish: Wish, checkpoint: Checkpoint, now: datetime, again: bool) -> None:
    counted: dict[str, Any] = {}
    with checkpoint.written(wish.about, counted, now) as write:

        def add(step: Step) -> None:
            wish.told.example(step)
            if step.action is not Action.KEEP and not (again and step.action is Action.ARCHIVED):
                write(step)

        planning = wish.planned(add, again)
        wish.told.planned(planning)
        counted |= {"steps": dict(planning.steps), "bytes": dict(planning.bytes), "seen": [planning.seen.keys, planning.seen.versions]}


def _carry_out(wish: Wish, checkpoint: Checkpoint) -> Archive:
    """What could not be done because it is in the archive. Anything else that could not be done is an error."""
    meter = Meter(checkpoint.total, len(checkpoint), wish.run.tell)
    archive, failures = Archive(checkpoint.failed.with_suffix(".archived")), Failures(checkpoint.failed)
    kept = Kept(checkpoint, wish.copies, failures, archive, meter)
    restoring = Restoring(wish.bucket, wish.setting, kept)
    where = f"s3://{wish.bucket.name}/{wish.below}"
    actions: Counter[Action] = Counter(step.action for _number, step in checkpoint.open_steps())
    for action, count in sorted(actions.items()):
        if action != Action.ARCHIVED:
            wish.run.record("call", method=telling.CALLS[action], path=f"{count} of {where}")
    wish.told.changed = wish.told.changed or any(action != Action.ARCHIVED for action in actions)
    began = time.monotonic()
    try:
        restoring.run()
        for number, step in restoring.large:
            _large(wish, kept, number, step)
    except errors.RecoveryError as error:
        far = f"{error.message}; {meter.objects:,} of {checkpoint.total:,} objects were restored before that"
        raise type(error)(far, error.hint, **wish.told.facts(wish.bucket)) from None
    finally:
        wish.told.done(meter)
    wish.run.record("answer", method="s3_objects", path=where, status=None, seconds=round(time.monotonic() - began, 3))
    wish.run.tell(meter.line)
    if failures.codes:
        raise telling.failed(wish.told, wish.bucket, failures, checkpoint, where)
    failures.path.unlink(missing_ok=True)
    return archive


def _large(wish: Wish, kept: Kept, number: int, step: Step) -> None:
    version = wanted_of(step)
    try:
        made = parts.copied(wish.bucket, version, wish.setting)
    except (errors.Unavailable, errors.RateLimited):
        raise
    except errors.RecoveryError as error:
        kept.failures.add(step.action, Failure(step.key, version.version_id, type(error).__name__, error.message))
        return
    if made:
        kept.copies.add(made, version.version_id)
    kept.checkpoint.done(number)
    kept.meter.done(version.size)
    kept.meter.beat()


def _archived(wish: Wish, archive: Archive) -> None:
    wish.told.archived(archive)
    mode = wish.options["archived"]
    if mode == "request":
        for row in archive.rows():
            asked = {"Days": wish.options["restore_days"], "GlacierJobParameters": {"Tier": wish.options["restore_tier"]}}
            which = {"Bucket": wish.bucket.name, "Key": row["key"], "VersionId": row["version_id"]}
            try:
                wish.bucket.aws.send("RestoreObject", **which, RestoreRequest=asked)
            except errors.Conflict:
                continue  # asked for already
    if mode != "report":
        hint = {
            "fail": "Run it again with archived: request, which asks for them, and once more when they are there.",
            "request": "They were asked for. Run the same command again when they are there; restore_times says how long that takes.",
        }[mode]
        raise errors.NotRestorable(
            f"{archive.count:,} keys show what they showed before, since their versions are in the archive; all others are restored",
            f"{hint} All of them are in {archive.path}.",
            **wish.told.facts(wish.bucket),
        )


def _short(about: Any) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


S3_OBJECTS = Operation(
    ARGUMENTS,
    perform,
    {"mutually_exclusive": [("good_at", "bad_at"), ("key", "prefix")], "required_one_of": [("good_at", "bad_at")]},
)
