"""A rollback as a bare script: the calls it cannot do without, one target after the other. Usage: bare_script.py PORT TARGET..."""

from __future__ import annotations

import sys
import time
from typing import Any

import requests

HOST = "http://127.0.0.1"
ADDRESSES = {"storefront": (10, 11, 12), "backoffice": (13,), "api": (20,), "payments": (21,)}


def vercel(session: requests.Session, api: str, project: str) -> str:
    """Roll the project back, which holds later pushes as well; the commit it serves then."""
    scope = {"teamId": "team_lastgood"}
    now = call(session, "GET", f"{api}/v9/projects/{project}", scope)
    rows = call(session, "GET", f"{api}/v6/deployments", {**scope, "projectId": now["id"], "target": "production", "limit": 100})
    serving = now["targets"]["production"]["id"]
    bad = next(row for row in rows["deployments"] if row["uid"] == serving)
    served = [row for row in rows["deployments"] if row["isRollbackCandidate"] and row["aliasAssigned"] < bad["aliasAssigned"]]
    good = min(served, key=lambda row: bad["aliasAssigned"] - row["aliasAssigned"])
    call(session, "POST", f"{api}/v1/projects/{now['id']}/rollback/{good['uid']}", scope, {})
    while call(session, "GET", f"{api}/v9/projects/{project}", scope)["targets"]["production"]["id"] != good["uid"]:
        time.sleep(0.2)
    return str(good["meta"]["githubCommitSha"])


def render(session: requests.Session, api: str, service: str) -> str:
    """Hold later pushes and roll the service back; the commit it serves then."""
    here = f"{api}/services/srv-{service}"
    rows = call(session, "GET", f"{here}/deploys", {"limit": 100})
    bad, *served = [row["deploy"] for row in rows if row["deploy"]["status"] in ("live", "deactivated")]
    good = next(deploy for deploy in served if deploy["commit"]["id"] != bad["commit"]["id"])
    call(session, "PATCH", here, {}, {"autoDeploy": "no"})
    deploy = call(session, "POST", f"{here}/rollback", {}, {"deployId": good["id"]})
    while call(session, "GET", f"{here}/deploys/{deploy['id']}", {})["status"] != "live":
        time.sleep(0.2)
    return str(good["commit"]["id"])


def call(session: requests.Session, method: str, url: str, query: dict[str, Any], body: Any = None) -> Any:
    response = session.request(method, url, params=query, json=body, timeout=20)
    response.raise_for_status()
    return response.json() if response.content else None


def main(port: int, targets: list[str]) -> None:
    at_vercel, at_render = requests.Session(), requests.Session()
    at_vercel.headers["Authorization"] = "Bearer sandbox-vercel-token"
    at_render.headers["Authorization"] = "Bearer sandbox-render-token"
    for target in targets:
        if target.startswith(("storefront", "backoffice")):
            commit = vercel(at_vercel, f"{HOST}:{port + 1}", target)
        else:
            commit = render(at_render, f"{HOST}:{port + 2}/v1", target)
        for offset in ADDRESSES.get(target, ()):
            shown = requests.get(f"{HOST}:{port + offset}/version", timeout=5).json()["commit"]
            assert shown == commit, f"{target} serves {shown}, not {commit}"


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
