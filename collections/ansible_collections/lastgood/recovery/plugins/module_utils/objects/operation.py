# SPDX-License-Identifier: GPL-3.0-or-later
"""C(s3_objects): planned, carried out, looked at again, until the bucket shows what it showed at the moment."""
from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import OPTIONS as AWS
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.asked import Asked, short
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.batch_operations import OPTIONS as BATCH
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.batch_operations import REQUIRED_IF
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.checkpoint import Checkpoint, locked
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.engine import carry_out, in_archive
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import REACH

ROUNDS = 4
"""How often the bucket is looked at before it is believed that somebody keeps writing."""
DEFAULT_STATE = "~/.local/state/lastgood/s3_objects"
ARGUMENTS: dict[str, Any] = {
    **AWS,
    **REACH,
    **BATCH,
    "bucket": {"type": "str", "required": True},
    "prefix": {"type": "str", "default": ""},
    "key": {"type": "str", "no_log": False},
    "good_at": {"type": "str"},
    "bad_at": {"type": "str"},
    "method": {"type": "str", "choices": ["copy", "rewind"], "default": "copy"},
    "created_after": {"type": "str", "choices": ["hide", "keep"]},
    "deleted": {"type": "str", "choices": ["undelete", "copy"], "default": "undelete"},
    "archived": {"type": "str", "choices": ["fail", "report", "request"], "default": "fail"},
    "restore_tier": {"type": "str", "choices": ["Expedited", "Standard", "Bulk"], "default": "Standard"},
    "restore_days": {"type": "int", "default": 7},
    "verify": {"type": "bool", "default": True},
    "state_dir": {"type": "path", "default": DEFAULT_STATE},
}


def perform(options: Options, run: Run) -> Result:
    """Restores, or with C(run.check) counts what would be done."""
    started = time.monotonic()
    asked = Asked(options, run)
    if run.check:
        asked.told.planned(asked.settled(lambda: asked.planned(asked.told.example, again=False)))
    else:
        with locked(asked.directory, asked.place):
            _restore(asked)
    return asked.told.result(asked.bucket, asked.options, asked.until, round(time.monotonic() - started, 3))


def _restore(asked: Asked) -> None:
    checkpoint = Checkpoint(asked.directory, short(asked.about))
    for number in range(ROUNDS):
        now = datetime.now(UTC)
        resumed = checkpoint.resumed(asked.about, now) if number == 0 else None
        if resumed:
            asked.told.resumed(resumed, len(checkpoint), checkpoint.total)
        else:
            asked.settled(partial(_plan, asked, checkpoint, now, again=number > 0))
        if not checkpoint.total:
            checkpoint.forget()
            return
        archive = carry_out(asked, checkpoint, batch=number == 0 and asked.options["engine"] == "batch_operations")
        if archive.count:
            checkpoint.forget()
            in_archive(asked, archive)
            if archive.count == checkpoint.total:
                return
        checkpoint.forget()
        if not asked.options["verify"]:
            return
        asked.run.tell(f"looks whether s3://{asked.bucket.name} shows what it should")
    raise errors.Conflict(
        f"s3://{asked.bucket.name}/{asked.below} was restored, but something keeps writing: {asked.told.last_steps:,} keys differ again",
        "Stop what writes there, then run the same command again.",
        **asked.told.facts(asked.bucket),
    )


def _plan(asked: Asked, checkpoint: Checkpoint, now: datetime, again: bool) -> None:
    counted: dict[str, Any] = {}
    with checkpoint.written(asked.about, counted, now) as write:

        def add(step: Step) -> None:
            asked.told.example(step)
            if step.action is not Action.KEEP and not (again and step.action is Action.ARCHIVED):
                write(step)

        planning = asked.planned(add, again)
        asked.told.planned(planning)
        counted |= {"steps": dict(planning.steps), "bytes": dict(planning.bytes), "seen": [planning.seen.keys, planning.seen.versions]}


S3_OBJECTS = Operation(
    ARGUMENTS,
    perform,
    {
        "mutually_exclusive": [("good_at", "bad_at"), ("key", "prefix")],
        "required_one_of": [("good_at", "bad_at")],
        "required_if": [REQUIRED_IF],
    },
)
