"""Runs a job template as AWX does: the survey's answers, an exported inventory, the credentials' variables, ansible-runner, its events."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from awx.definitions import Definitions
from awx.form import Row
from sandbox.testing import Box
from tests.playbooks.driving import PATIENCE, ROOT

SETTINGS = ROOT / "awx/settings.yml"
VAULT = ("--vault-password-file", "sandbox/vault-password")


class Rejected(Exception):
    """What AWX answers with 400: the survey does not take these answers."""


@dataclass(frozen=True)
class Job:
    """What ansible-runner left of a job."""

    rc: int
    status: str
    events: list[dict[str, Any]]

    @property
    def screen(self) -> str:
        return "\n".join(event["stdout"] for event in self.events)

    @property
    def stats(self) -> dict[str, dict[str, int]]:
        """What AWX shows of the hosts: by C(ok), C(changed), C(failures) … how many of each host."""
        return next(event["event_data"] for event in self.events if event["event"] == "playbook_on_stats")

    def hosts(self, event: str) -> set[str]:
        return {one["event_data"]["host"] for one in self.events if one["event"] == event}


class Controller:
    """AWX with the definitions for the sandbox alone; each job in a directory, and so a container, of its own."""

    def __init__(self, box: Box, directory: Path) -> None:
        self.box, self.directory, self.store = box, directory, directory / "incidents"
        environment = {"name": "sandbox", "incident_store": str(self.store), "credentials": []}
        self.definitions = Definitions(yaml.safe_load(SETTINGS.read_text()) | {"environments": [environment]})
        self.templates = {row["name"]: row for row in self.definitions.templates}

    def launch(self, name: str, *arguments: str, **answers: Any) -> Job:
        """The job of that template, with these answers; C(arguments) is what prompts and credentials add to the command."""
        template = self.templates[name]
        given = answered(template.get("survey_spec", {"spec": []})["spec"], answers)
        place = self.directory / "jobs" / uuid.uuid4().hex
        for folder in ("env", "inventory"):
            (place / folder).mkdir(parents=True)
        (place / "project").symlink_to(ROOT)
        self._export(place / "inventory" / "hosts")
        how = [*(["--check"] if template["job_type"] == "check" else []), *(["--diff"] if template["diff_mode"] else [])]
        (place / "env/cmdline").write_text(" ".join([*how, *arguments]))
        # AWX says itself who it is, and nobody can answer otherwise.
        (place / "env/extravars").write_text(json.dumps({**given, "awx_job_id": 7, "awx_user_name": "maria"}))
        known = {"JOB_ID": "7", "AWX_HOST": "https://awx.example.com", "HOME": str(place)}
        (place / "env/envvars").write_text(json.dumps({**self._sandbox(), **self._injected(template), **known}))
        command = [str(Path(sys.executable).with_name("ansible-runner")), "run", str(place), "-p", template["playbook"], "--ident", "job"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        subprocess.run(command, env=environment, capture_output=True, check=False, timeout=PATIENCE * 4)
        left = place / "artifacts/job"
        events = [json.loads(path.read_text()) for path in (left / "job_events").glob("*.json")]
        return Job(int((left / "rc").read_text()), (left / "status").read_text(), sorted(events, key=lambda event: event["counter"]))

    def _sandbox(self) -> dict[str, str]:
        return {"LASTGOOD_SANDBOX_PORT": str(self.box.port), "LASTGOOD_SANDBOX_STATE": str(self.box.state_dir)}

    def _injected(self, template: Row) -> dict[str, str]:
        """What the template's credentials put into the environment."""
        files = self.definitions.files()["credentials"]
        types = {row["name"]: row["injectors"]["env"] for row in files["controller_credential_types"]}
        mine = [row for row in files["controller_credentials"] if row["name"] in template["credentials"] and "key" not in row["inputs"]]
        fields = [(row["inputs"], types[row["credential_type"]]) for row in mine]
        return {variable: inputs.get(text.strip("{} "), text) for inputs, env in fields for variable, text in env.items()}

    def _export(self, script: Path) -> None:
        """The inventory as AWX keeps it and hands it to a job: read from the project once, without its files."""
        program = str(Path(sys.executable).with_name("ansible-inventory"))
        command = [program, "-i", "inventories/sandbox/hosts.yml", "--list", "--export"]
        read = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ, **self._sandbox()})
        kept = json.loads(read.stdout)
        kept.setdefault("all", {}).setdefault("vars", {})["sandbox_home"] = str(ROOT)
        script.write_text(f"#! /usr/bin/env python3\nprint({json.dumps(kept)!r})\n")
        script.chmod(0o700)


def answered(survey: list[Row], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The extra variables; whoever leaves a field empty sends it empty, as the forms of AWX do."""
    questions = {question["variable"]: question for question in survey}
    if unasked := set(answers) - set(questions):
        raise Rejected(f"nobody asks for {', '.join(sorted(unasked))}")
    given: dict[str, Any] = {}
    for name, question in questions.items():
        value = answers.get(name, question.get("default"))
        if value is None and question["required"]:
            raise Rejected(f"'{name}' value missing")
        if question["type"] == "multiplechoice":
            if value is not None and value not in question["choices"]:
                raise Rejected(f"Value {value} for '{name}' expected to be one of {question['choices']}.")
            given |= {} if value is None else {name: value}
        elif not isinstance(value or "", str):
            raise Rejected(f"Value {value} for '{name}' expected to be a string.")
        else:
            given[name] = value or ""
    return given
