"""Applies awx/ to AWX itself, twice, and goes through what people do with it; prints what AWX said. README.md says how it is run.

The project that AWX has is a clone of this one, with approvals in the sandbox's inventory, that comes to it through Git.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests
import yaml

from sandbox.client import Client
from tests.awx.driving import Tower
from tests.awx.real import PASSWORD, Api, admin
from tests.awx_collection import path

ROOT = Path(__file__).resolve().parents[2]
URL, HOME = os.environ["LASTGOOD_AWX"], Path(os.environ["LASTGOOD_AWX_HOME"])
OVER = ("successful", "failed", "error", "canceled")
ON_CALL, LEADS = "On-call engineers", "Engineering leads"
PEOPLE = {"maria": [ON_CALL], "anna": [ON_CALL, LEADS], "ben": [LEADS]}
SURVEY = {"severity": "P1", "reason": "customers cannot pay"}


def say(*lines: object) -> None:
    print(*lines, sep="\n", flush=True)


def clone() -> Path:
    """What AWX gets: this project as it is committed, where leads approve P1."""
    folder = HOME / "clone"
    for left in (folder, HOME / "incidents"):  # of another sandbox
        shutil.rmtree(left, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", ROOT, folder], check=True)
    leads = {"engineering-lead": [LEADS]}
    rules = [{"severity": ["P1", "P2"], "by": {"engineering-lead": 1}}]
    approvals = {"awx": {"url": URL, "teams": leads}, "required": rules}
    (folder / "inventories/sandbox/group_vars/all/approvals.yml").write_text("---\n" + yaml.safe_dump({"approvals": approvals}))
    git: list[str | Path] = ["git", "-C", folder, "-c", "user.name=prove", "-c", "user.email=prove@example.com"]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "Leads approve"], check=True)
    return folder


def definitions(folder: Path) -> Path:
    settings = yaml.safe_load((ROOT / "awx/settings.yml").read_text())
    sandbox = {"name": "sandbox", "incident_store": str(HOME / "incidents"), "credentials": ["AWX"]}
    settings |= {"repository": f"file://{folder}", "environments": [sandbox]}
    ours = HOME / "awx-settings.yml"
    ours.write_text(yaml.safe_dump(settings, sort_keys=False))  # the first team is the one that is on call
    subprocess.run([sys.executable, "-m", "awx.generate", "--settings", ours, "--into", HOME / "controller"],
                   check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return HOME / "controller"


def apply(token: str, reader: str, into: Path) -> None:
    """Says how long it took, and which tasks changed how many things."""
    names = {"CONTROLLER_HOST": URL, "CONTROLLER_OAUTH_TOKEN": token, "CONTROLLER_VERIFY_SSL": "false", "SLACK_BOT_TOKEN": "none"}
    secrets = {"SANDBOX_CONTROLLER_HOST": URL, "SANDBOX_CONTROLLER_OAUTH_TOKEN": reader, "SANDBOX_SIGNING_KEY": signing_key()}
    plain = {"ANSIBLE_COLLECTIONS_PATH": str(path()), "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default", "ANSIBLE_NOCOLOR": "1",
             "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.default"}
    began = time.monotonic()
    command: list[str | Path] = [Path(sys.executable).with_name("ansible-playbook"), "awx/apply.yml", "-e", f"definitions={into}"]
    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, **names, **secrets, **plain}, capture_output=True, text=True, check=False)
    (HOME / "logs/apply").write_text(ran.stdout + ran.stderr)
    if ran.returncode:
        say(ran.stdout[-3000:], ran.stderr[-1000:])
        raise SystemExit("AWX refuses awx/")
    task, counts = "", Counter[str]()
    for line in ran.stdout.splitlines():
        if found := re.match(r"TASK \[(.*?)\]", line):
            task = found[1]
        counts[task] += line.startswith("changed:")
    changed = [f"  {count} x {task}" for task, count in counts.items() if count]
    say(f"applied in {time.monotonic() - began:.0f} s; changed: {counts.total()}", *changed)


def signing_key() -> str:
    key = HOME / "signing_key"
    if not key.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    return key.read_text()


def people(api: Api) -> Tower:
    """Each in their teams; somebody who only reads, for the jobs; all with a token."""
    organization = api.have("organizations", name="RachelFoods")
    rows = {name: api.have("users", "username", username=name, password=PASSWORD) for name in (*PEOPLE, "lastgood")}
    for name, user in rows.items():
        api.post(f"organizations/{organization['id']}/users/", id=user["id"])
        for named in PEOPLE.get(name, []):
            team = api.get("teams/", name=named, organization=str(organization["id"]))["results"][0]
            api.post(f"teams/{team['id']}/users/", id=user["id"])
    role = next(row for row in api.get(f"organizations/{organization['id']}/object_roles/")["results"] if row["name"] == "Auditor")
    api.post(f"roles/{role['id']}/users/", id=rows["lastgood"]["id"])
    tokens = {name: Api(URL, name, PASSWORD).post(f"users/{user['id']}/personal_tokens/", scope="write") for name, user in rows.items()}
    return Tower(URL, {name: str(token["token"]) for name, token in tokens.items()})


def in_containers(api: Api) -> None:
    """Jobs run where the stand-in of receptor takes them for containers."""
    group, organization = api.have("instance_groups", name="here", is_container_group=True), api.have("organizations", name="RachelFoods")
    api.post(f"organizations/{organization['id']}/instance_groups/", id=group["id"])


def ended(tower: Tower, kind: str, id: int) -> dict[str, Any]:
    until = time.monotonic() + 600
    while time.monotonic() < until:
        row: dict[str, Any] = tower.call("lastgood", "GET", f"{kind}/{id}/")
        if row["status"] in OVER:
            return row
        time.sleep(0.5)
    raise SystemExit(f"{kind} {id} does not end")


def screen(tower: Tower, job: int) -> str:
    headers = {"Authorization": f"Bearer {tower.tokens['lastgood']}"}
    return requests.get(f"{URL}/api/v2/jobs/{job}/stdout/?format=txt", headers=headers, timeout=60).text


def launch(tower: Tower, kind: str, name: str, person: str, **answers: Any) -> requests.Response:
    (template,) = tower.call(person, "GET", f"{kind}/?name={name}")["results"]
    headers = {"Authorization": f"Bearer {tower.tokens[person]}"}
    return requests.post(f"{URL}/api/v2/{kind}/{template['id']}/launch/", headers=headers, json={"extra_vars": answers}, timeout=60)


def story(tower: Tower, box: Client, launched_by: str, answered_by: str, how: str) -> None:
    """A workflow from its launch to its end."""
    answer = launch(tower, "workflow_job_templates", "sandbox checkout", launched_by, **SURVEY)
    if answer.status_code != 201:
        raise SystemExit(f"{answer.status_code} {answer.text}")
    workflow = int(answer.json()["id"])
    say(f"\nsandbox checkout, workflow job {workflow}: launched by {launched_by}")
    until = time.monotonic() + 600
    while not any(node["summary_fields"].get("job", {}).get("type") == "workflow_approval" for node in nodes(tower, workflow)):
        if tower.call("lastgood", "GET", f"workflow_jobs/{workflow}/")["status"] in OVER or time.monotonic() > until:
            say(screen(tower, nodes(tower, workflow)[0]["job"]))
            raise SystemExit("there was no plan")
        time.sleep(0.5)
    plan = next(node["job"] for node in nodes(tower, workflow) if node["summary_fields"].get("job", {}).get("type") == "job")
    say(f"  plan: {tower.call('lastgood', 'GET', f'jobs/{plan}/')['artifacts']}")
    tower.answer(workflow, answered_by, how)
    say(f"  {how} by {answered_by}")
    say(f"  workflow: {ended(tower, 'workflow_jobs', workflow)['status']}")
    for node in nodes(tower, workflow):
        job = node["summary_fields"].get("job")
        say(f"  {node['identifier']}: {job['status'] if job else 'did not run'}")
        if job and job["type"] == "job" and job["id"] != plan:
            say(*(f"    | {line}" for line in screen(tower, job["id"]).splitlines() if line.strip()))
    say(f"  checkout works: {box.shop(3)['error_rate']} of customers fail")


def nodes(tower: Tower, workflow: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tower.call("lastgood", "GET", f"workflow_jobs/{workflow}/workflow_nodes/")["results"]
    return found


def main() -> None:
    api = admin(URL)
    token = str(api.post("users/1/personal_tokens/", scope="write")["token"])
    folder = clone()
    into = definitions(folder)
    in_containers(api)
    apply(token, "none yet", into)
    tower = people(api)
    credential = api.get("credentials/", name="sandbox AWX")["results"][0]
    requests.patch(f"{URL}/api/v2/credentials/{credential['id']}/", json={"inputs": {"host": URL, "oauth_token": tower.tokens["lastgood"]}},
                   headers={"Authorization": f"Bearer {token}"}, timeout=60).raise_for_status()
    apply(token, "none yet", into)
    bad = launch(tower, "job_templates", "sandbox checkout now", "anna", **SURVEY | {"severity": "very bad", "confirmed": "yes"})
    say(f"\na bad answer of the survey: {bad.status_code} {json.dumps(bad.json())}")
    refused = launch(tower, "workflow_job_templates", "sandbox checkout", "ben", **SURVEY)
    say(f"ben, who only approves, launches a workflow: {refused.status_code}")
    box = Client(int(os.environ["LASTGOOD_SANDBOX_PORT"]))
    box.ship("storefront", "breaks-checkout")
    story(tower, box, "maria", "anna", "deny")
    story(tower, box, "anna", "anna", "approve")
    story(tower, box, "maria", "ben", "approve")  # anna has asked for it before


if __name__ == "__main__":
    main()
