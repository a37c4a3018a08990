"""Changes that are staged in an environment, and applied all together or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.railway.access import Caller, Resolvers
from sandbox.railway.book import instant, new_id, problem
from sandbox.railway.instances import deploy_again
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway


def row(railway: Railway, environment: str) -> Row:
    """The patch as the API writes it; an empty one where nothing is staged."""
    at = instant(now_ms())
    return {
        "id": f"patch-{environment[:8]}",
        "environmentId": environment,
        "status": "STAGED",
        "createdAt": at,
        "updatedAt": at,
        "appliedAt": None,
        "message": None,
        "lastAppliedError": None,
        "patch": lambda info, decryptVariables=False: railway.book.staged(environment),
    }


def get(railway: Railway, caller: Caller, *, environmentId: str) -> Row:
    caller.may_touch(environmentId)
    return row(railway, environmentId)


def stage(railway: Railway, caller: Caller, *, environmentId: str, input: Row, merge: bool = False) -> Row:
    caller.may_touch(environmentId)
    if not merge:
        railway.book.staged(environmentId).clear()
    railway.book.stage(environmentId, input)
    return row(railway, environmentId)


def commit(railway: Railway, caller: Caller, *, environmentId: str, commitMessage: str = "", skipDeploys: bool = False) -> str:
    """Everything that is staged, whoever staged it."""
    caller.may_touch(environmentId)
    patch = railway.book.staged(environmentId)
    if not patch:
        problem("No staged changes to commit")
    services = dict(patch.get("services") or {})
    patch.clear()
    for service, config in services.items():
        instance = railway.book.instance(environmentId, service)
        mounts = config.get("volumeMounts") or {}
        for volume in railway.book.volumes:
            if volume["volumeId"] in mounts:
                volume["serviceId"] = service if mounts[volume["volumeId"]] else None
        for name, given in (config.get("variables") or {}).items():
            instance["variables"][name] = given["value"]
        if not skipDeploys:
            deploy_again(railway, instance)
    return new_id()


QUERIES: Resolvers = {"environmentStagedChanges": get}
MUTATIONS: Resolvers = {"environmentPatchCommitStaged": commit, "environmentStageChanges": stage}
