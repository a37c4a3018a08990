"""AWX itself, furnished through its API with the people and workflows that the sandbox's emulator has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import requests

from sandbox.awx import TEMPLATES
from sandbox.awx.rows import USERS
from tests.awx.driving import NOBODY_ANSWERS, Tower

PLAYBOOKS = {
    "plan.yml": "- hosts: all\n  gather_facts: no\n  tasks: [{set_stats: {data: {plan: '{{ plan }}'}}, when: plan is defined}]\n",
    "apply.yml": "- hosts: all\n  gather_facts: no\n  tasks: [{debug: {msg: applied}}]\n",
}
PASSWORD = "correct-horse-battery"
Row = dict[str, Any]


class Api:
    """As one of AWX's users."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url, self._session = f"{url}/api/v2", requests.Session()
        self._session.auth = (user, password)

    def get(self, path: str, **query: str) -> Row:
        return self._read(self._session.get(f"{self._url}/{path}", params=query, timeout=60))

    def post(self, path: str, **body: Any) -> Row:
        return self._read(self._session.post(f"{self._url}/{path}", json=body, timeout=60))

    def have(self, kind: str, key: str = "name", **fields: Any) -> Row:
        """The row of that name, made if there is none."""
        found: list[Row] = self.get(f"{kind}/", **{key: fields[key]})["results"]
        return found[0] if found else self.post(f"{kind}/", **fields)

    @staticmethod
    def _read(answer: requests.Response) -> Row:
        if not answer.ok:
            raise AssertionError(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}")
        read: Row = answer.json() if answer.content else {}
        return read


def admin(url: str) -> Api:
    return Api(url, "admin", Path(os.environ["LASTGOOD_AWX_HOME"], "password").read_text())


def furnished(url: str) -> Tower:
    """Ready, with a token for everybody; again it changes nothing but the tokens."""
    api = admin(url)
    organization = api.have("organizations", name="Approvals")
    people = {name: api.have("users", "username", username=name, password=PASSWORD) for name in USERS}
    for name, user in people.items():
        api.post(f"organizations/{organization['id']}/users/", id=user["id"])
        for team in USERS[name]["teams"]:
            api.post(f"teams/{api.have('teams', name=team, organization=organization['id'])['id']}/users/", id=user["id"])
    _role(api, f"organizations/{organization['id']}", "Auditor", people["lastgood"])
    jobs = _templates(api, organization)
    for template in TEMPLATES.values():
        workflow = _workflow(api, organization, template, jobs)
        for name, user in people.items():
            if USERS[name]["approves"]:
                _role(api, f"workflow_job_templates/{workflow['id']}", "Approve", user)
        _role(api, f"workflow_job_templates/{workflow['id']}", "Execute", people["maria"])
    tokens = {name: Api(url, name, PASSWORD).post(f"users/{user['id']}/personal_tokens/", scope="write") for name, user in people.items()}
    return Tower(url, {name: str(token["token"]) for name, token in tokens.items()})


def _role(api: Api, of: str, name: str, user: Row) -> None:
    role = next(role for role in api.get(f"{of}/object_roles/")["results"] if role["name"] == name)
    api.post(f"roles/{role['id']}/users/", id=user["id"])


def _templates(api: Api, organization: Row) -> dict[str, Row]:
    """A job template for each playbook, run by the stand-in of receptor as if it were in a container."""
    group = api.have("instance_groups", name="here", is_container_group=True)
    folder = Path(os.environ["LASTGOOD_AWX_HOME"], "projects", "probe")
    folder.mkdir(exist_ok=True)
    for name, text in PLAYBOOKS.items():
        (folder / name).write_text(text)
    project = api.have("projects", name="probe", organization=organization["id"], scm_type="", local_path="probe")
    inventory = api.have("inventories", name="probe", organization=organization["id"])
    if not api.get(f"inventories/{inventory['id']}/hosts/")["results"]:
        api.post(f"inventories/{inventory['id']}/hosts/", name="localhost", variables="ansible_connection: local")
    known = {"job_type": "run", "inventory": inventory["id"], "project": project["id"], "ask_variables_on_launch": True}
    made = {name: api.have("job_templates", name=f"probe {name}", playbook=name, allow_simultaneous=True, **known) for name in PLAYBOOKS}
    for template in made.values():
        api.post(f"job_templates/{template['id']}/instance_groups/", id=group["id"])
    return made


def _workflow(api: Api, organization: Row, template: Row, jobs: dict[str, Row]) -> Row:
    workflow = api.have("workflow_job_templates", name=template["name"], organization=organization["id"], ask_variables_on_launch=True,
                        allow_simultaneous=True)
    at = f"workflow_job_templates/{workflow['id']}/workflow_nodes/"
    if not api.get(at)["results"]:
        plan, apply = (api.post(at, unified_job_template=jobs[name]["id"]) for name in PLAYBOOKS)
        approval = api.post(at)
        timeout = 1 if template["name"] == NOBODY_ANSWERS else 600
        nodes = "workflow_job_template_nodes"
        api.post(f"{nodes}/{approval['id']}/create_approval_template/", name="A lead approves the plan", timeout=timeout)
        api.post(f"{nodes}/{plan['id']}/success_nodes/", id=approval["id"])
        api.post(f"{nodes}/{approval['id']}/{template['edge']}/", id=apply["id"])
    return workflow
