# SPDX-License-Identifier: GPL-3.0-or-later
"""An RDS instance goes back: a new one is restored beside it, made like it, and takes its name, and with the name its address."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.database_places import (
    FAILED,
    READY,
    ManagedDatabase,
    Place,
    Point,
    Standing,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.rds import instances, settings
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.rds.access import address
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.rds.instances import Family, as_place, name_of
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.rds.settings import Row
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock


class RdsDatabase(ManagedDatabase):
    """Restoring always makes a new instance; names are swapped in two renames, and between them the address leads nowhere."""

    name = "RDS"

    def __init__(self, options: Options, run: Run) -> None:
        self.options, self.run = options, run
        self.api = Aws("rds", options, run)
        self.identifier = options["db_instance_identifier"].lower()

    def standing(self) -> Standing:
        family = self._family()
        windows = family.windows().values()
        serving = family.serving
        return Standing(
            serves=as_place(serving) if serving else family.nobody,
            earliest=min((earliest for earliest, _latest in windows), default=None),
            latest=max((latest for _earliest, latest in windows), default=None),
            backups=family.backups(),
            places=[as_place(row) for row in family.rows.values() if row is not serving],
        )

    def prepare(self, point: Point, name: str) -> None:
        family = self._family()
        given = settings.for_restore(family.model, name)
        if point.backup:
            self.api.send("RestoreDBInstanceFromDBSnapshot", DBInstanceIdentifier=name, DBSnapshotIdentifier=point.backup, **given)
            return
        holding = [id for id, (earliest, latest) in family.windows().items() if earliest <= point.at <= latest]
        if not holding:
            raise errors.NotRestorable(f"no instance can be restored to {moment.iso(point.at)}", "Choose another moment, or a backup.")
        self.api.send(
            "RestoreDBInstanceToPointInTime",
            SourceDBInstanceIdentifier=family.rows[holding[0]]["DBInstanceIdentifier"],
            TargetDBInstanceIdentifier=name,
            RestoreTime=point.at,
            **given,
        )

    def url(self, place: Place) -> str | None:
        row = self._family().rows.get(place.id)
        return address(self.options, row) if row else None

    def serve(self, place: Place, keep_as: str) -> None:
        family = self._family()
        target = self._there(family, place)
        if name_of(target) == self.identifier:
            return
        if not place.kept_at:
            self._alike(family.model, target)
        self._until_available(place.id)
        name, before = name_of(target), family.serving
        if before:
            self._step_aside(before, keep_as)
        try:
            self._rename(place.id, name, self.identifier)
        except errors.Unanswered:
            raise
        except errors.RecoveryError:
            if before:
                self.run.tell(f"{name} cannot be called {self.identifier}; {keep_as} gets its name back")
                self._rename(before["DbiResourceId"], keep_as, self.identifier)
            raise

    def serving(self, place: Place) -> bool:
        row = self._there(self._family(), place)
        now = as_place(row)
        if now.state == FAILED:
            raise errors.ActivationFailed(f"{now.name}: {now.problem}", "Look at it in the RDS console; go back with undo.")
        return now.name == self.identifier and now.state == READY

    def remove(self, place: Place) -> None:
        row = self._there(self._family(), place)
        marks = settings.tags(row)
        if settings.PREPARED not in marks or settings.KEPT in marks or row["DBInstanceIdentifier"] == self.identifier:
            raise errors.Refused(f"{place.name} was not prepared here, or has served", "Remove it yourself if nobody needs it.")
        if row.get("DeletionProtection"):
            self._modify(row, DeletionProtection=False)
        self.api.send(
            "DeleteDBInstance",
            DBInstanceIdentifier=row["DBInstanceIdentifier"],
            SkipFinalSnapshot=True,
            DeleteAutomatedBackups=True,
        )
        self._until(f"waiting until {place.name} is removed", lambda: place.id not in self._family().rows)

    def _family(self) -> Family:
        return Family(self.api, self.identifier)

    def _there(self, family: Family, place: Place) -> Row:
        if place.id not in family.rows:
            raise errors.NotFound(f"{place.name} is gone", "Look who removed it; then run the same command again.")
        return family.rows[place.id]

    def _alike(self, old: Row, new: Row) -> None:
        """What a restore does not take is set afterwards, and before anybody uses it."""
        self._until_available(new["DbiResourceId"])
        if changes := settings.still_different(old, new):
            self.run.tell(f"{new['DBInstanceIdentifier']} gets what a restore does not take: {', '.join(sorted(changes))}")
            self._modify(new, **changes)
        for role, feature in settings.missing_roles(old, new):
            self.api.send("AddRoleToDBInstance", DBInstanceIdentifier=new["DBInstanceIdentifier"], RoleArn=role, FeatureName=feature)

    def _step_aside(self, row: Row, keep_as: str) -> None:
        """The one that serves gives its name away; what it was is noted on it first, and stays with it."""
        replicas = row.get("ReadReplicaDBInstanceIdentifiers") or []
        if replicas:
            self.run.tell(f"{', '.join(replicas)} replicate what is kept, not what serves from now on")
        if as_place(row).state != FAILED:  # one that has failed may still be renamed; waiting for it would be in vain
            self._until_available(row["DbiResourceId"])
        marks = {
            settings.FAMILY: self.identifier,
            settings.KEPT: moment.iso(datetime.now(UTC)),
            settings.UNDONE: "true" if self.options["undo"] else "false",
        }
        self.api.send(
            "AddTagsToResource",
            ResourceName=row["DBInstanceArn"],
            Tags=[{"Key": key, "Value": value} for key, value in marks.items()],
        )
        self._rename(row["DbiResourceId"], self.identifier, keep_as)
        self._until(f"waiting until {self.identifier} is called {keep_as}", lambda: self._family().name_is_free)

    def _rename(self, id: str, was: str, name: str) -> None:
        """Asked again while RDS is busy with it, or has not let go of the name."""
        tick = self._clock(f"waiting until {was} can be called {name}")
        while True:
            row = self._family().rows[id]
            if name_of(row) == name:
                return
            if name_of(row) != was:
                raise errors.Locked(
                    f"{was} is called {name_of(row)} by now: somebody else is at work",
                    "Talk to them; then run the same command again.",
                )
            try:
                self._modify(row, NewDBInstanceIdentifier=name)
            except errors.Conflict as conflict:
                if as_place(row).state == FAILED:
                    raise
                try:
                    tick()
                except errors.TimedOut:
                    raise conflict from None

    def _modify(self, row: Row, **changes: object) -> None:
        self.api.send("ModifyDBInstance", DBInstanceIdentifier=row["DBInstanceIdentifier"], ApplyImmediately=True, **changes)

    def _until_available(self, id: str) -> None:
        """RDS renames nothing that is being changed or backed up."""

        def available() -> bool:
            row = self._family().rows[id]
            place = as_place(row)
            if place.state == FAILED:
                raise errors.ActivationFailed(f"{place.name}: {place.problem}", "Look at it in the RDS console.")
            return row["DBInstanceStatus"] in instances.QUIET

        self._until("waiting until RDS has done what it does", available)

    def _until(self, doing: str, done: Callable[[], bool]) -> None:
        tick = self._clock(doing)
        while not done():
            tick()

    def _clock(self, doing: str) -> Callable[[], None]:
        return clock(doing, self.options["timeout"], self.options["poll"], self.run.tell)
