"""An AWS account with RDS: moto, corrected where it is kinder than RDS, with a real PostgreSQL behind each instance's host name.

Corrected: a restored instance has the defaults of whatever the call did not say, states take time, a name that is taken is refused, each
instance has a resource id of its own, and a moment outside the window is an error.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import boto3
from moto.backends import get_backend
from moto.rds.exceptions import DBInstanceAlreadyExists, InvalidDBInstanceStateError, RDSClientError
from moto.rds.models import DBInstance, RDSBackend
from moto.server import ThreadedMotoServer
from psycopg import sql

from sandbox.testing import free_ports
from tests.aws.postgres_by_name import Names
from tests.aws.rds_shop import SHOP
from tests.postgres.clusters import Cluster

REGION, ACCOUNT = "eu-west-1", "123456789012"
KEYS = {"region": REGION, "access_key": "AKIAEXAMPLE", "secret_key": "hush-hush-secret"}
SLOW = 2
"""How often an instance is looked at until its state is the next one."""
CORRECTED = (
    "describe_db_instance_automated_backups",
    "describe_db_instances",
    "modify_db_instance",
    "restore_db_instance_from_db_snapshot",
    "restore_db_instance_to_point_in_time",
)
LAG = timedelta(minutes=5)
"""How far the latest moment that can be restored is behind."""
DEFAULTS: dict[str, Any] = {
    "multi_az": False,
    "publicly_accessible": False,
    "db_parameter_group_name": None,
    "copy_tags_to_snapshot": False,
    "deletion_protection": False,
    "enable_iam_database_authentication": False,
    "enabled_cloudwatch_logs_exports": [],
    "monitoring_interval": 0,
    "monitoring_role_arn": None,
    "storage_type": "gp2",
    "iops": None,
    "backup_retention_period": 1,
    "preferred_maintenance_window": "mon:00:00-mon:00:30",
    "db_instance_class": "db.m5.large",
}
SAID_AS = {"enabled_cloudwatch_logs_exports": "enable_cloudwatch_logs_exports"}


@dataclass
class RdsAccount:
    cluster: Cluster
    url: str
    backend: RDSBackend
    names: Names
    refuse: dict[str, RDSClientError] = field(default_factory=dict)
    """How C(restore), C(modify), or another name for the instance called so is answered."""
    unreachable: list[str] = field(default_factory=list)
    """Names that lead nowhere."""
    ends_as: str = "available"
    """The state that the next restored instance ends in."""
    named_ends_as: str = "available"
    """The state that the next instance ends in that gets the name C(shop)."""
    moments: list[tuple[datetime, str]] = field(default_factory=list)
    """The content at those times: a database of the server."""
    _coming: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def options(self) -> dict[str, Any]:
        return {**KEYS, "endpoint_url": self.url, "db_instance_identifier": "shop", "url": self.database_url, "poll": 0.01, "timeout": 10}

    @property
    def database_url(self) -> str:
        return f"postgresql://postgres:hush-hush-password@{self.names.address('shop')}:{self.names.port}/shop"

    @property
    def instances(self) -> MutableMapping[str, DBInstance]:
        return self.backend.databases

    @cached_property
    def client(self) -> Any:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": REGION}
        return boto3.client("rds", endpoint_url=self.url, **keys)

    def described(self) -> dict[str, dict[str, Any]]:
        """All that is said about each instance, but for the time, which goes on."""
        rows = self.client.describe_db_instances()["DBInstances"]
        return {row["DBInstanceIdentifier"]: {key: row[key] for key in row if key != "LatestRestorableTime"} for row in rows}

    def rows(self, name: str = "shop") -> list[str]:
        """What the table of the instance of that name holds."""
        return [row[0] for row in self.cluster.rows("SELECT what FROM orders ORDER BY 1", self.instances[name].dbi_resource_id)]

    def write(self, what: str) -> None:
        self.cluster.run(f"INSERT INTO orders VALUES ('{what}')", self.instances["shop"].dbi_resource_id)

    def remember(self, ago: float) -> datetime:
        """What is there now was there so many seconds ago, as far as restores are concerned."""
        at = self.ago(ago)
        copy = f"moment-{next(self._numbers)}"
        self._copy(self.instances["shop"].dbi_resource_id, copy)
        self.moments.append((at, copy))
        self.moments.sort()
        return at

    def settle(self) -> None:
        """Let everything that is going on end."""
        while any(self._coming.values()):
            self._look()

    def ago(self, seconds: float) -> datetime:
        return datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=seconds)

    def named(self, at: datetime) -> str:
        """What is restored to that moment is called so."""
        return f"shop-at-{at:%Y%m%dt%H%M%S}"

    def snapshot(self, name: str, ago: float) -> None:
        """A snapshot that says it was taken so many seconds ago, with what there is now."""
        self.client.create_db_snapshot(DBInstanceIdentifier="shop", DBSnapshotIdentifier=name)
        taken = self.backend.database_snapshots[name]
        taken.created = taken.original_snapshot_create_time = self.ago(ago).replace(tzinfo=None)
        self._copy(self.instances["shop"].dbi_resource_id, f"snapshot-{name}")

    def create(self, name: str, **more: Any) -> None:
        self.client.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            EngineVersion="16.4",
            DBInstanceClass="db.r6g.large",
            AllocatedStorage=100,
            MasterUsername="shop",
            MasterUserPassword="hush-hush",
            **more,
        )
        made = self.instances[name]
        made.dbi_resource_id = f"db-{name.upper()}{next(self._numbers)}"
        made.instance_create_time = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=3)
        self.cluster.run(f'CREATE DATABASE "{made.dbi_resource_id}"')
        self.cluster.run("CREATE TABLE orders (what text)", made.dbi_resource_id)

    def _copy(self, source: str, target: str) -> None:
        with self.cluster.connect() as connection:
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(end, [source])
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
            connection.execute(statement.format(sql.Identifier(target), sql.Identifier(source)))

    def behind(self, name: str) -> str | None:
        made = self.instances.get(name)
        usable = made and made.status in ("available", "backing-up", "modifying") and name not in self.unreachable
        return made.dbi_resource_id if made and usable else None

    def _look(self) -> None:
        for steps in list(self._coming.values()):
            if steps:
                steps.pop(0)()

    def correct(self) -> None:
        """Put ourselves before moto's own functions."""
        backend = self.backend
        describe, modify = backend.describe_db_instances, backend.modify_db_instance
        from_snapshot, to_moment = backend.restore_db_instance_from_db_snapshot, backend.restore_db_instance_to_point_in_time

        def described(db_instance_identifier: str | None = None, filters: Any = None) -> list[DBInstance]:
            self._look()
            return describe(db_instance_identifier, filters)

        def restored_snapshot(id: str, said: dict[str, Any]) -> DBInstance:
            self._refused("restore")
            return self._as_rds_does(from_snapshot(id, said), said, f"snapshot-{id}")

        def restored_moment(source: str, target: str, said: dict[str, Any]) -> DBInstance:
            self._refused("restore")
            at = _time(said["RestoreTime"] if "RestoreTime" in said else said["restore_time"])
            before = [copy for moment, copy in self.moments if moment <= at]
            if not before or at > datetime.now(UTC):
                raise RDSClientError("InvalidRestoreFault", "The specified time is outside the window.")
            return self._as_rds_does(to_moment(source, target, said), said, before[-1])

        def modified(id: str, said: dict[str, Any]) -> DBInstance:
            name = said.get("new_db_instance_identifier")
            self._refused(id if name else "modify")
            made = describe(id)[0]
            if made.status not in ("available", "incompatible-parameters"):
                raise InvalidDBInstanceStateError(id, "modify")
            if not name:
                changed = modify(id, said)
                self._through(changed, "modifying")
                return changed
            if name in self.instances:
                raise DBInstanceAlreadyExists
            vars(made)["pending_modified_values"] = {"DBInstanceIdentifier": name}

            def named() -> None:
                self.instances[name] = self.instances.pop(made.db_instance_identifier)
                made.db_instance_identifier, vars(made)["pending_modified_values"] = name, {}

            self._through(made, "renaming", named)
            return made

        def automated(**_filters: Any) -> list[SimpleNamespace]:
            return [SimpleNamespace(**self._backup(made)) for made in self.instances.values() if made.backup_retention_period]

        for name, corrected in zip(CORRECTED, (automated, described, modified, restored_snapshot, restored_moment), strict=True):
            setattr(backend, name, corrected)

    def _backup(self, made: DBInstance) -> dict[str, Any]:
        window = {"EarliestTime": made.instance_create_time, "LatestTime": datetime.now(UTC).replace(tzinfo=None) - LAG}
        return {"dbi_resource_id": made.dbi_resource_id, "db_instance_identifier": made.db_instance_identifier, "restore_window": window}

    def _refused(self, what: str) -> None:
        if error := self.refuse.get(what):
            raise error

    def _as_rds_does(self, made: DBInstance, said: dict[str, Any], content: str) -> DBInstance:
        for name, value in DEFAULTS.items():
            setattr(made, name, said.get(SAID_AS.get(name, name), value))  # moto overlooks what is said to be false
        if "vpc_security_group_ids" not in said:
            made.vpc_security_group_ids = ["sg-default"]
        made.tags = said.get("tags") or []
        made.dbi_resource_id = f"db-RESTORED{next(self._numbers)}"
        made.instance_create_time = datetime.now(UTC).replace(tzinfo=None)
        self._copy(content, made.dbi_resource_id)
        self._through(made, "creating", then="backing-up" if self.ends_as == "available" else "")
        return made

    def _through(self, made: DBInstance, state: str, act: Callable[[], None] = lambda: None, then: str = "") -> None:
        made.status, ends_as = state, self.ends_as if state == "creating" else "available"
        if vars(made).get("pending_modified_values") == {"DBInstanceIdentifier": "shop"}:
            ends_as, self.named_ends_as = self.named_ends_as, "available"

        def step(state: str) -> Callable[[], None]:
            return lambda: setattr(made, "status", state)

        def end() -> None:
            act()
            made.status = ends_as

        self._coming[made.dbi_resource_id] = [*[step(state)] * SLOW, *([step(then)] if then else []), end]


def _time(value: Any) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at.replace(tzinfo=at.tzinfo or UTC)


@contextmanager
def rds_account(cluster: Cluster) -> Iterator[RdsAccount]:
    """With the instance C(shop), which has none of the defaults, and one row in its table."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    backend = get_backend("rds")[ACCOUNT][REGION]
    backend.reset()
    was = DBInstance.address
    try:
        names = Names(free_ports(), ("127.0.0.1", cluster.port), lambda name: account.behind(name))
        account = RdsAccount(cluster, f"http://{host}:{port}", backend, names)
        DBInstance.address = property(lambda self: names.address(self.db_instance_identifier))  # type: ignore[method-assign,assignment]
        account.correct()
        client = account.client
        client.create_db_parameter_group(DBParameterGroupName="shop16", DBParameterGroupFamily="postgres16", Description="shop")
        account.create("shop", Port=names.port, **SHOP)
        account.write("first")
        yield account
    finally:
        DBInstance.address = was  # type: ignore[method-assign]
        names.close()
        server.stop()
        backend.reset()
        for corrected in CORRECTED:
            backend.__dict__.pop(corrected, None)
        cluster.clear()
