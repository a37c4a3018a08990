# SPDX-License-Identifier: GPL-3.0-or-later
"""The instances of one name: the one that has it, those prepared to have it, those that had it; and how far back each can go."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import (
    FAILED,
    PENDING,
    READY,
    Backup,
    Place,
    base,
    kept_since,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotFound, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.rds.settings import FAMILY, KEPT, PREPARED, UNDONE, Row, tags

QUIET = ("available", "storage-optimization", "storage-config-upgrade", "storage-initialization")
USABLE = (*QUIET, "backing-up")
BUSY = (
    *("creating", "modifying", "rebooting", "renaming", "starting", "maintenance", "upgrading", "deleting"),
    *("moving-to-vpc", "converting-to-vpc", "configuring-", "resetting-"),
)
"""What a state on the way to be usable begins with. Any other state is none that ends by itself."""


class Family:
    """All instances that have to do with the identifier, read at once."""

    def __init__(self, api: Aws, identifier: str) -> None:
        self.api, self.identifier = api, identifier
        rows = api.pages("DescribeDBInstances", "DBInstances")
        self.rows = {row["DbiResourceId"]: row for row in rows if self._related(row)}
        if not self.rows:
            raise NotFound(f"there is no instance {identifier}", "Check the identifier, the region and the account.")
        cluster = (self.serving or {}).get("DBClusterIdentifier")
        if cluster:
            raise Refused(
                f"{identifier} is a member of the cluster {cluster}: Aurora restores clusters, not instances",
                "Restore it by hand (aws rds restore-db-cluster-to-point-in-time), and point the application at the new cluster.",
            )

    @property
    def serving(self) -> Row | None:
        """The one that has the name, or is just getting it; None when a swap was cut off between its two renames."""
        return next((row for row in self.rows.values() if name_of(row) == self.identifier), None)

    @property
    def kept(self) -> list[Row]:
        """Those that had the name before; the newest first."""
        found = [row for row in self.rows.values() if row is not self.serving and kept_at(row)]
        return sorted(found, key=lambda row: kept_at(row) or datetime.min.replace(tzinfo=UTC), reverse=True)

    @property
    def model(self) -> Row:
        """The one that a new one has to be like."""
        found = self.serving or next(iter(self.kept), None)
        if found is None:
            raise NotFound(f"there is no instance {self.identifier}, and none is kept from before", "Check the identifier and the region.")
        return found

    @property
    def nobody(self) -> Place:
        """What serves while nothing has the name: the same command again sees the swap through."""
        return Place("", self.identifier, state=FAILED, problem=f"no instance has the name {self.identifier}: a swap was cut off")

    @property
    def name_is_free(self) -> bool:
        return all(row["DBInstanceIdentifier"] != self.identifier for row in self.rows.values())

    def windows(self) -> dict[str, tuple[datetime, datetime]]:
        """By resource id, the moments that the instance that has the name, or one that had it, can be restored to."""
        served = [row for row in (self.serving, *self.kept) if row]
        filters = [{"Name": "dbi-resource-id", "Values": [row["DbiResourceId"] for row in served]}]
        backups = self.api.pages("DescribeDBInstanceAutomatedBackups", "DBInstanceAutomatedBackups", Filters=filters)
        told = {backup["DbiResourceId"]: backup.get("RestoreWindow") or {} for backup in backups}
        return {row["DbiResourceId"]: window for row in served if (window := _window(row, told.get(row["DbiResourceId"], {})))}

    def backups(self) -> list[Backup]:
        """Snapshots of them, and of any earlier instance of that name."""
        served = [row["DbiResourceId"] for row in (self.serving, *self.kept) if row]
        found: dict[str, Backup] = {}
        for by, values in (("dbi-resource-id", served), ("db-instance-id", [self.identifier])):
            for row in self.api.pages("DescribeDBSnapshots", "DBSnapshots", Filters=[{"Name": by, "Values": values}]):
                at = row.get("SnapshotDatabaseTime") or row.get("OriginalSnapshotCreateTime") or row.get("SnapshotCreateTime")
                if row.get("Status") == "available" and at:
                    size = row.get("FullSnapshotSizeInBytes")
                    found[row["DBSnapshotIdentifier"]] = Backup(row["DBSnapshotIdentifier"], at.astimezone(UTC), size)
        return list(found.values())

    def _related(self, row: Row) -> bool:
        name = row["DBInstanceIdentifier"]
        return self.identifier in (name, name_of(row), base(name), tags(row).get(FAMILY))


def as_place(row: Row) -> Place:
    """It may be on its way to another name, and then is PENDING."""
    status = row["DBInstanceStatus"]
    state = READY if status in USABLE and not becoming(row) else PENDING if status in USABLE or status.startswith(BUSY) else FAILED
    problem = "" if state != FAILED else f"its state is {status}"
    marks = tags(row)
    name = row["DBInstanceIdentifier"]
    return Place(row["DbiResourceId"], name, marks.get(PREPARED, ""), state, problem, kept_at(row), undone(row))


def becoming(row: Row) -> str:
    """The name that it is just getting; empty when it stays."""
    return str((row.get("PendingModifiedValues") or {}).get("DBInstanceIdentifier") or "")


def name_of(row: Row) -> str:
    """Its name once it has been renamed as it was asked for."""
    return becoming(row) or str(row["DBInstanceIdentifier"])


def kept_at(row: Row) -> datetime | None:
    marked = tags(row).get(KEPT)
    return moment.parse(marked) if marked else kept_since(row["DBInstanceIdentifier"])[0]


def undone(row: Row) -> bool:
    return tags(row).get(UNDONE) == "true" if KEPT in tags(row) else kept_since(row["DBInstanceIdentifier"])[1]


def _window(row: Row, told: dict[str, Any]) -> tuple[datetime, datetime] | None:
    """None without automated backups, and before the first of them."""
    latest = told.get("LatestTime") or row.get("LatestRestorableTime")
    if not latest or not row.get("BackupRetentionPeriod"):
        return None
    reach = datetime.now(UTC) - timedelta(days=row["BackupRetentionPeriod"])
    earliest = told.get("EarliestTime") or max(row.get("InstanceCreateTime") or reach, reach)
    return earliest.astimezone(UTC), latest.astimezone(UTC)
