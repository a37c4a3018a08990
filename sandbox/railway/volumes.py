"""Volumes, their backups, and what restoring one does: a copy beside, whose mounting is only staged."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox import real_database
from sandbox.clock import from_iso, now_ms
from sandbox.railway import recovery
from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import instant, new_id, problem
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway

MOUNT = "/var/lib/postgresql/data"


def record(environment: str, service: str | None, name: str, created: int, **more: Any) -> Row:
    """A volume in an environment; instants in ms. `real` is its database on the server that the sandbox was given."""
    id = new_id()
    return {
        "id": new_id(),
        "volumeId": id,
        "name": name,
        "environmentId": environment,
        "serviceId": service,
        "mountPath": MOUNT,
        "createdAt": created,
        "state": "READY",
        "real": f"volume-{id[:8]}",
        "backups": [],
        **more,
    }


def row(railway: Railway, volume: Row) -> Row:
    """A volume's instance as the API writes it."""
    created = instant(volume["createdAt"])
    return {
        **{name: volume[name] for name in ("id", "volumeId", "environmentId", "serviceId", "mountPath", "state")},
        "createdAt": created,
        "currentSizeMB": 512.0,
        "sizeMB": 5000,
        "isPendingDeletion": False,
        "volume": volume_row(railway, volume),
    }


def volume_row(railway: Railway, volume: Row) -> Row:
    created = instant(volume["createdAt"])
    return {"id": volume["volumeId"], "name": volume["name"], "createdAt": created, "projectId": railway.book.project["id"]}


def reached(railway: Railway, instance: Row) -> Row:
    """The public address of a database, on the real server, where there is one."""
    volume = next((one for one in railway.book.volumes if _place(one) == (instance["environmentId"], instance["serviceId"])), None)
    real = volume and real_database.url(railway.state, volume["real"])
    return {"DATABASE_PUBLIC_URL": real} if real and "DATABASE_PUBLIC_URL" in instance["variables"] else {}


def _place(volume: Row) -> tuple[str, str | None]:
    return volume["environmentId"], volume["serviceId"]


def _instance(railway: Railway, caller: Caller, id: str) -> Row:
    """The volume's instance; a volume's own id is refused as if it were forbidden."""
    volume = next((one for one in railway.book.volumes if one["id"] == id), None) or problem("Not Authorized")
    caller.may_touch(volume["environmentId"])
    return volume


def list_backups(railway: Railway, caller: Caller, *, volumeInstanceId: str) -> list[Row]:
    return [
        {
            "id": backup["id"],
            "externalId": backup["id"][:8],
            "name": backup["name"],
            "createdAt": instant(backup["createdAt"]),
            "expiresAt": None,
            "creatorId": None,
            "scheduleId": None,
            "usedMB": 512,
            "referencedMB": 512,
            "volumeInstanceSizeMB": 5000,
        }
        for backup in _instance(railway, caller, volumeInstanceId)["backups"]
    ]


def create_backup(railway: Railway, caller: Caller, *, volumeInstanceId: str, name: str = "Manual") -> Row:
    volume = _instance(railway, caller, volumeInstanceId)
    return recovery.begin(railway, volume, "backed_up", "railway.backup", name=name)


def restore(
    railway: Railway,
    caller: Caller,
    *,
    volumeInstanceId: str,
    volumeInstanceBackupId: str,
    replicaServiceIds: list[str] | None = None,
    wipeServiceIds: list[str] | None = None,
) -> Row:
    volume = _instance(railway, caller, volumeInstanceId)
    if volumeInstanceBackupId not in [backup["id"] for backup in volume["backups"]]:
        problem("Backup not found")
    return recovery.begin(railway, volume, "copied", "railway.copy", backup=volumeInstanceBackupId)


def backed_up(railway: Railway, volume: Row, name: str) -> None:
    volume["backups"].append({"id": new_id(), "name": name, "createdAt": now_ms()})


def copied(railway: Railway, volume: Row, backup: str) -> None:
    """The new volume bears the backup's date; backups that are newer than the restored one are gone; the swap is staged."""
    chosen = next(one for one in volume["backups"] if one["id"] == backup)
    at = instant(chosen["createdAt"]) or ""
    fresh = record(volume["environmentId"], None, at[:16].replace("T", " "), now_ms())
    kept = [one for one in volume["backups"] if one["createdAt"] <= chosen["createdAt"]]
    volume["backups"], fresh["backups"] = [], kept
    railway.book.volumes.append(fresh)
    real_database.copy(railway.state, volume["real"], fresh["real"], chosen["createdAt"])
    mounts = {fresh["volumeId"]: {"mountPath": volume["mountPath"]}, volume["volumeId"]: None}
    railway.book.stage(volume["environmentId"], {"services": {volume["serviceId"]: {"volumeMounts": mounts}}})


def recover(
    railway: Railway,
    caller: Caller,
    *,
    volumeInstanceId: str,
    targetTimestamp: str,
    newServiceName: str | None = None,
    sourceRepoPath: str | None = None,
) -> Row:
    """To a moment, in a service of its own; the source stays as it is."""
    volume = _instance(railway, caller, volumeInstanceId)
    source = railway.book.instance(volume["environmentId"], volume["serviceId"])
    at = from_iso(targetTimestamp)
    if "WAL_ARCHIVE_BUCKET" not in source["variables"]:
        problem("Point-in-time recovery is not enabled for this service")
    if not now_ms() - recovery.WINDOW <= at <= now_ms():
        problem("Target timestamp is outside the available restore window")
    name = newServiceName or f"{railway.book.services[source['serviceId']]['name']}-restored"
    if name in [service["name"] for service in railway.book.services.values()]:
        problem("A service with that name exists already")
    return recovery.begin(railway, volume, "replayed", "railway.copy", name=name, at=at)


def update_instance(railway: Railway, caller: Caller, *, volumeId: str, input: Row, environmentId: str | None = None) -> bool:
    """Attach it to a service, or to none; it counts from the service's next deployment on."""
    volume = _of_volume(railway, volumeId)
    caller.may_touch(volume["environmentId"])
    service = input.get("serviceId")
    if service and any(_place(one) == (volume["environmentId"], service) for one in railway.book.volumes if one is not volume):
        problem("Service already has a volume mounted")
    if "serviceId" in input:
        volume["serviceId"] = service
    volume["mountPath"] = input.get("mountPath") or volume["mountPath"]
    return True


def update(railway: Railway, caller: Caller, *, volumeId: str, input: Row) -> Row:
    volume = _of_volume(railway, volumeId)
    volume["name"] = input.get("name") or volume["name"]
    return volume_row(railway, volume)


def _of_volume(railway: Railway, id: str) -> Row:
    return next((one for one in railway.book.volumes if one["volumeId"] == id), None) or problem("Volume not found")


QUERIES: Resolvers = {"volumeInstanceBackupList": list_backups, "workflowStatus": recovery.status}
MUTATIONS: Resolvers = {
    "volumeInstanceBackupCreate": create_backup,
    "volumeInstanceBackupRestore": restore,
    "volumeInstancePITRRestore": recover,
    "volumeInstanceUpdate": update_instance,
    "volumeUpdate": update,
}
WORK: dict[str, Callable[..., None]] = {"backed_up": backed_up, "copied": copied, "replayed": recovery.replayed}


def worked(railway: Railway, target: str, workflow: str, volume: str, work: str, given: Row) -> None:
    """What a workflow was to do is done, or has failed."""
    told = railway.book.workflows[workflow]
    if railway.state.fails_now(target):
        told.update(status="Error", error="the copy could not be made")
        return
    WORK[work](railway, next(one for one in railway.book.volumes if one["id"] == volume), **given)
    told["status"] = "Complete"


STEPS: dict[str, Callable[..., None]] = {"worked": worked}
