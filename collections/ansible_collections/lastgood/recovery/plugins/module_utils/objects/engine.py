# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan carried out by all means: most of it call by call, large copies in parts, and what lies in the archive is asked for."""
from __future__ import annotations

import time
from collections.abc import Iterator

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import parts, telling
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.asked import Asked
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.batch_files import Row
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.batch_operations import BatchCopies, takes
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Failure
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.checkpoint import Checkpoint
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.left import Archive, Failures
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.meter import Meter
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Action, Step
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.restoring import Kept, Restoring, wanted_of


def carry_out(asked: Asked, checkpoint: Checkpoint, batch: bool) -> Archive:
    """What could not be done because it is in the archive. Anything else that could not be done is an error."""
    meter = Meter(checkpoint.total, len(checkpoint), asked.run.tell)
    archive, failures = Archive(checkpoint.failed.with_suffix(".archived")), Failures(checkpoint.failed)
    kept = Kept(checkpoint, asked.copies, failures, archive, meter)
    restoring = Restoring(asked.bucket, asked.setting, kept, _by_a_job if batch else lambda step: False)
    where = f"s3://{asked.bucket.name}/{asked.below}"
    actions = checkpoint.open_actions()
    calls = [(telling.CALLS[action], f"{count} of {where}") for action, count in sorted(actions.items()) if action != Action.ARCHIVED]
    for method, path in calls:
        asked.run.record("call", method=method, path=path)
    asked.told.changed = asked.told.changed or any(action != Action.ARCHIVED for action in actions)
    began = time.monotonic()
    try:
        restoring.run()
        for number, step in restoring.large:
            _large(asked, kept, number, step)
        if batch:
            _batched(asked, kept)
    except errors.RecoveryError as error:
        far = f"{error.message}; {meter.objects:,} of {checkpoint.total:,} objects were restored before that"
        raise type(error)(far, error.hint, **asked.told.facts(asked.bucket)) from None
    finally:
        asked.told.done(meter)
    for method, path in calls:
        asked.run.record("answer", method=method, path=path, status=None, seconds=round(time.monotonic() - began, 3))
    asked.run.tell(meter.line)
    if failures.codes:
        raise telling.failed(asked.told, asked.bucket, failures, checkpoint, where)
    failures.path.unlink(missing_ok=True)
    return archive


def _large(asked: Asked, kept: Kept, number: int, step: Step) -> None:
    version = wanted_of(step)
    try:
        made = parts.copied(asked.bucket, version, asked.setting)
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


def _by_a_job(step: Step) -> bool:
    """What was uploaded in parts is copied here, as its ETag would not tell afterwards whether the copy is right."""
    wanted = step.wanted
    return step.action is Action.COPY and wanted is not None and "-" not in wanted.etag and takes(wanted.size, wanted.storage_class)


def _batched(asked: Asked, kept: Kept) -> None:
    """The copies that a job takes. Of a plan that is gone on with it is the same job."""
    checkpoint = kept.checkpoint

    def rows() -> Iterator[Row]:
        for _number, step in checkpoint.open_steps():
            if _by_a_job(step):
                wanted = wanted_of(step)
                yield Row(step.key, wanted.version_id, wanted.size, wanted.storage_class)

    copies = BatchCopies(asked.bucket, asked.options, asked.run)
    failed = set()
    for failure in copies.carry_out(rows(), f"{checkpoint.name} {checkpoint.made_at}"):
        failed.add((failure.key, failure.version_id))
        kept.failures.add(Action.COPY, failure)
    for number, step in checkpoint.open_steps():
        if _by_a_job(step) and (step.key, wanted_of(step).version_id) not in failed:
            checkpoint.done(number)
            kept.meter.done(wanted_of(step).size)


def in_archive(asked: Asked, archive: Archive) -> None:
    asked.told.archived(archive)
    mode = asked.options["archived"]
    if mode == "request":
        for row in archive.rows():
            request = {"Days": asked.options["restore_days"], "GlacierJobParameters": {"Tier": asked.options["restore_tier"]}}
            which = {"Bucket": asked.bucket.name, "Key": row["key"], "VersionId": row["version_id"]}
            try:
                asked.bucket.aws.send("RestoreObject", **which, RestoreRequest=request)
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
            **asked.told.facts(asked.bucket),
        )
