# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bucket is set to, looked at before anything is planned: it decides what can be done, and what has to be said."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options

OFFERED = (errors.NotFound, errors.BadRequest, errors.Unavailable, errors.Conflict)
"""How S3 says that something is not configured, and others that they do not have it."""


@dataclass
class Setting:
    """What matters of the configuration of one bucket."""

    mfa_delete: bool = False
    locked: bool = False
    """It has object lock."""
    opaque: bool = False
    """Its objects are encrypted with KMS unless they say otherwise, and such ETags say nothing about the content."""
    acls: bool = False
    """Objects may have access control lists of their own, which a copy does not get by itself."""
    website: bool = False
    """Objects may redirect, which a copy does not by itself."""
    expired: datetime | None = None
    """What was written over before this may have been deleted since by a rule."""
    expiry: str = ""
    """That rule, in words."""
    notes: list[str] = field(default_factory=list)

    @property
    def removes(self) -> bool:
        """Whether versions and markers may be deleted."""
        return not self.mfa_delete


def looked_at(bucket: Bucket, prefix: str) -> Setting:
    """Refused where versioning is not on: what was written over is then gone, or a deletion would lose what is there."""
    state = bucket.versioning.get("Status", "never on")
    if state != "Enabled":
        raise errors.Refused(
            f"versioning of s3://{bucket.name} is {state.lower()}",
            "What it held before cannot be had from it, and a deletion might lose what it holds. Restore from a backup; "
            "then switch versioning on.",
        )
    setting = Setting(mfa_delete=bucket.versioning.get("MFADelete") == "Enabled")
    unknown: list[str] = []

    def ask(call: str) -> dict[str, Any]:
        try:
            return bucket.aws.get(call, Bucket=bucket.name)
        except errors.NotAuthorised:
            unknown.append(f"s3:{call}")
        except OFFERED:
            pass
        return {}

    lock = ask("GetObjectLockConfiguration").get("ObjectLockConfiguration", {})
    setting.locked = lock.get("ObjectLockEnabled") == "Enabled"
    defaults = ask("GetBucketEncryption").get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    setting.opaque = any("kms" in rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "") for rule in defaults)
    setting.acls = _acls(bucket, unknown)
    setting.website = bool(ask("GetBucketWebsite"))
    rules = ask("GetBucketLifecycleConfiguration").get("Rules", [])
    _lifecycle(setting, [rule for rule in rules if rule.get("Status") == "Enabled" and _meets(rule, prefix)])
    replication = ask("GetBucketReplication").get("ReplicationConfiguration", {}).get("Rules", [])
    setting.notes += list(_replicated([rule for rule in replication if rule.get("Status") == "Enabled" and _meets(rule, prefix)]))
    if setting.mfa_delete:
        setting.notes.append("MFA delete is on, so that markers stay, and what was deleted is copied on top of them")
    if setting.locked:
        setting.notes.append("the bucket has object lock; copies get the lock of their version while that lasts, or the bucket's own")
    if unknown:
        setting.notes.append(f"could not be looked at, for want of a right: {', '.join(unknown)}")
    return setting


def _acls(bucket: Bucket, unknown: list[str]) -> bool:
    """A bucket of before 2023 that was never set has lists, as has one that is set to anything but the owner's rights alone."""
    try:
        found = bucket.aws.get("GetBucketOwnershipControls", Bucket=bucket.name).get("OwnershipControls", {}).get("Rules", [])
    except errors.NotFound:
        return True
    except errors.NotAuthorised:
        unknown.append("s3:GetBucketOwnershipControls")
        return True
    except OFFERED:
        return False
    return any(rule.get("ObjectOwnership") != "BucketOwnerEnforced" for rule in found)


def _meets(rule: dict[str, Any], prefix: str) -> bool:
    """Whether a rule concerns any key that starts with C(prefix)."""
    only = rule.get("Filter", {})
    own = rule.get("Prefix") or only.get("Prefix") or only.get("And", {}).get("Prefix") or ""
    return str(own).startswith(prefix) or prefix.startswith(str(own))


def _lifecycle(setting: Setting, rules: list[dict[str, Any]]) -> None:
    days = [rule["NoncurrentVersionExpiration"].get("NoncurrentDays") for rule in rules if rule.get("NoncurrentVersionExpiration")]
    kept = [number for number in days if number]
    if kept:
        setting.expired = datetime.now(UTC) - timedelta(days=min(kept))
        setting.expiry = f"a lifecycle rule deletes versions {min(kept)} days after they were written over"
    if any(rule.get("Expiration", {}).get("Days") or rule.get("Expiration", {}).get("Date") for rule in rules):
        setting.notes.append("a lifecycle rule deletes objects of an age; it may soon delete again what it deleted before")


def _replicated(rules: list[dict[str, Any]]) -> Iterator[str]:
    if not rules:
        return
    yield "the bucket is replicated; deletions of versions and of markers do not reach the replica, so restore it there as well"
    if any(rule.get("DeleteMarkerReplication", {}).get("Status") != "Enabled" for rule in rules):
        yield "nor do markers, by at least one rule"


def allowed(setting: Setting, until: datetime, options: Options) -> None:
    """Refused where the bucket's configuration makes the wish impossible, or unsafe without a further word."""
    rewind, created_after = options["method"] == "rewind", options["created_after"]
    own = {"access control lists": setting.acls, "KMS keys": setting.opaque, "redirects": setting.website, "locks": setting.locked}
    if options["engine"] == "batch_operations" and any(own.values()):
        raise errors.Refused(
            f"objects of this bucket may have {' and '.join(name for name, has in own.items() if has)} of their own, "
            "which a job of S3 Batch Operations gives to all alike",
            "Use engine: here.",
        )
    if rewind and setting.mfa_delete:
        raise errors.Refused("MFA delete is on, so that no version can be deleted", "Use method: copy, which deletes none.")
    if rewind and setting.locked:
        raise errors.Refused("the bucket has object lock, so that newer versions may be locked", "Use method: copy, which deletes none.")
    if setting.expired and setting.expired > until and (created_after is None or rewind):
        raise errors.Refused(
            f"{setting.expiry}, and {moment.iso(until)} is longer ago: a key whose version has expired looks as if it had been "
            "created later",
            "Use method: copy with created_after: keep, which leaves such keys as they are, or created_after: hide; nothing is lost "
            "by either. Or give a later moment.",
        )
