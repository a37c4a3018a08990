"""Everything that AWX has, from the list of scenarios and the settings of a team."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from awx import credentials
from awx.form import Line, Names, Row

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def read(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text())


def inventory(environment: str, file: str) -> Row:
    """That file of C(group_vars/all), empty where there is none."""
    path = ROOT / "inventories" / environment / "group_vars/all" / file
    return (yaml.safe_load(path.read_text()) if path.exists() else None) or {}


class Definitions:
    """Everything that AWX has, by the name of its file; each a mapping of C(controller_…) to a list."""

    def __init__(self, settings: Row) -> None:
        self.settings, self.list, self.vendors = settings, read("scenarios.yml"), read("vendors.yml")
        self.teams: dict[str, str] = settings["teams"]
        self.on_call = next(iter(self.teams))
        self.templates: list[Row] = []
        self.workflows: list[Row] = []
        self.schedules: list[Row] = []
        self.credentials: list[Row] = []
        self.allowed: dict[tuple[str, str], Row] = {}
        for environment in settings["environments"]:
            self._environment(environment)

    def files(self) -> dict[str, Row]:
        ours = {"lookup_organization": self.settings["organization"]}
        roles = [{"team": team, **ours, "role": role, **of} for (team, role), of in self.allowed.items()]
        return {
            "organization": self._organization(),
            "credentials": {"controller_credential_types": credentials.types(self.vendors), "controller_credentials": self.credentials},
            "templates": {"controller_templates": self.templates},
            "workflows": {"controller_workflows": self.workflows},
            "schedules": {"controller_schedules": self.schedules},
            "access": {"controller_teams": [self._of_us(name) for name in self.teams.values()], "controller_roles": roles},
        }

    def _of_us(self, name: str, **more: Any) -> Row:
        return {"name": name, "organization": self.settings["organization"], **more}

    # The organization, and what its jobs are given --------------------------------------------------------------------

    def _organization(self) -> Row:
        ours, project = self.settings, self.settings["project"]
        environments = [one["name"] for one in ours["environments"]]
        git = {"scm_type": "git", "scm_url": ours["repository"], "scm_branch": ours["branch"], "scm_clean": True}
        # Neither is updated when a job starts: a rollback must not need the server that keeps the repository. The schedules do that.
        calm = {"scm_update_on_launch": False, "allow_override": False}
        source = {"source": "scm", "source_project": project, "overwrite": True, "overwrite_vars": True, "update_on_launch": False}
        return {
            "controller_organizations": [{"name": ours["organization"]}],
            "controller_execution_environments": [self._of_us("lastgood", image=ours["execution_environment"], pull="missing")],
            "controller_projects": [self._of_us(project, **git, **calm, default_environment="lastgood")],
            "controller_inventories": [self._of_us(name, description=f"inventories/{name} of the project") for name in environments],
            "controller_inventory_sources": [
                self._of_us(f"{name} of the project", inventory=name, **source, source_path=f"inventories/{name}/hosts.yml")
                for name in environments
            ],
            "controller_notifications": [self._of_us("lastgood", **self._notification())],
        }

    def _notification(self) -> Row:
        token = credentials.secret("SLACK_BOT_TOKEN")
        return {"notification_type": "slack", "notification_configuration": {"channels": self.settings["notify"]["slack"], "token": token}}

    def _drills(self, environment: str) -> bool:
        return bool(inventory(environment, "drills.yml").get("drills", {}).get("allowed"))

    # Templates and workflows -----------------------------------------------------------------------------------------

    def _environment(self, environment: Row) -> None:
        name = environment["name"]
        self.credentials += [self._of_us(**row) for row in credentials.credentials(environment, self.vendors, self._drills(name))]
        given = [f"{name} {kind}" for kind in environment["credentials"]] + [f"{name} incident store"]
        for scenario in self.list["scenarios"]:
            self._scenario(name, given, scenario)
        for other in self.list["others"]:
            if other.get("in_drills") and not self._drills(name):
                continue
            more = [f"{name} signing key"] if other.get("signs") else []
            template = self._template(f"{name} {other['name']}", name, [*given, *more], other, other["does"], other.get("asks", []))
            self._allow(other.get("by", self.on_call), "execute", "job_templates", template)
            if "schedule" in other:
                self._schedule(template, **other["schedule"], asks=other.get("asks", []))
        for what in (self.settings["project"], f"{name} of the project"):
            row = self._of_us(f"{what}: newest", unified_job_template=what, rrule=rrule("00:00", "FREQ=MINUTELY;INTERVAL=15"))
            self.schedules += [] if row in self.schedules else [row]

    def _scenario(self, environment: str, given: list[str], scenario: Row) -> None:
        name, says = f"{environment} {scenario['name']}", plain(scenario["broken"])
        own, planned = scenario.get("asks", []), scenario.get("planned", True)
        common = [one for one in self.list["asked"] if one not in scenario.get("unasked", [])]
        asked = [*common, *own] if planned else own
        change = self.list["asked_to_change"] if planned else []
        words = f"ROLLBACK {environment.upper()} {scenario['name']}"
        acts = self._template(f"{name} now", environment, given, scenario, f"{says}: at once", [*change[:1], *asked, *change[1:]], words)
        at_once, after_all = self._roles(environment, scenario["name"], ["P0"]), self._roles(environment, scenario["name"], None)
        for role in at_once or [self.on_call]:
            self._allow(role, "execute", "job_templates", acts)
        if planned:
            plan = self._template(f"{name} plan", environment, given, scenario, f"{says}: the plan, nothing is changed", asked, check=True)
            self._allow(self.on_call, "execute", "job_templates", plan)
            self._workflow(name, says, asked, [plan, acts], after_all, words)

    def _template(
        self,
        name: str,
        environment: str,
        given: Sequence[str],
        entry: Row,
        says: str,
        asks: Sequence[str],
        words: str = "",
        check: bool = False,
    ) -> str:
        survey = self._survey(asks, words or f"UNDO {environment.upper()}, and the scenario")
        self.templates.append(
            self._of_us(
                name,
                description=says,
                job_type="check" if check else "run",
                diff_mode=check or entry.get("diff", False),
                inventory=environment,
                project=self.settings["project"],
                playbook=f"playbooks/{entry['playbook']}",
                execution_environment="lastgood",
                credentials=Names(given),
                ask_limit_on_launch=True,
                ask_variables_on_launch=False,  # whoever may start it must not say who approves it
                allow_simultaneous=False,
                job_slice_count=1,  # a slice would not wait for the others
                survey_enabled=bool(asks),
                **({"survey_spec": survey} if asks else {}),
                notification_templates_error=Names(["lastgood"]),
            )
        )
        return name

    def _workflow(self, name: str, says: str, asks: Sequence[str], templates: list[str], roles: Mapping[str, int], words: str) -> None:
        """Plan, an approval for each word that is asked for, and only after all of them the change, to exactly that plan."""
        plan, acts = ({"name": one, "type": "job_template", "organization": Line(name=self.settings["organization"])} for one in templates)
        nodes: list[Row] = [{"identifier": "plan", "unified_job_template": plan}]
        for role, words_needed in roles.items():
            for number in ["", *(f" {more}" for more in range(2, words_needed + 1))]:
                approval = {"name": f"{name}: {self.teams[role]} approve{number}", "type": "workflow_approval", "timeout": 3600}
                nodes.append({"identifier": f"approved by {role}{number}", "unified_job_template": approval})
            self._allow(role, "approval", "workflows", name)
        # The plan's hash comes with what the plan has set_stats; the approval is the confirmation.
        nodes.append({"identifier": "roll back", "unified_job_template": acts, "extra_data": Line(confirmed=words)})
        for node, after in zip(nodes, [*nodes[1:], None], strict=True):
            node["related"] = {"success_nodes": [Line(identifier=after["identifier"])] if after else []}
        self.workflows.append(
            self._of_us(
                name,
                description=f"{says}: plan, approval, rollback",
                inventory=name.split()[0],
                ask_limit_on_launch=True,
                ask_variables_on_launch=False,
                allow_simultaneous=False,
                survey_enabled=True,
                survey_spec=self._survey(asks, words),
                workflow_nodes=nodes,
                notification_templates_error=Names(["lastgood"]),
                notification_templates_approvals=Names(["lastgood"]),
            )
        )
        self._allow(self.on_call, "execute", "workflows", name)

    def _survey(self, asks: Iterable[str], words: str) -> Row:
        return {"name": "", "description": "", "spec": [self._question(name, words) for name in asks]}

    def _question(self, name: str, words: str) -> Row:
        asked = self.list["questions"][name]
        choices = [one["name"] for one in self.list["scenarios"]] if asked.get("choices") == "scenarios" else asked.get("choices")
        answer = {"default": asked["answer"]} if "answer" in asked else {}
        text: Row = {"type": "textarea" if asked.get("lines") else "text", "max": asked.get("max", 1024)}
        kind = {"type": "multiplechoice", "choices": choices} if choices else text
        row = {
            "question_name": asked["ask"].format(words=words),
            "question_description": asked.get("help", ""),
            "variable": name,
            "required": asked.get("required", "answer" in asked),
            **kind,
            **answer,
        }
        return Line(row)

    def _roles(self, environment: str, scenario: str, severities: Sequence[str] | None) -> dict[str, int]:
        """By role, how many words the policy asks for, for any of these severities (None: for any at all), in the order of the teams."""
        rules = inventory(environment, "approvals.yml").get("approvals", {}).get("required", self.list["approvals"])
        asked = [rule["by"] for rule in rules if fits(rule, scenario, severities)]
        return {role: most for role in self.teams if (most := max((by.get(role, 0) for by in asked), default=0))}

    def _allow(self, role: str, may: str, kind: str, name: str) -> None:
        self.allowed.setdefault((self.teams[role], may), {}).setdefault(kind, []).append(name)

    def _schedule(self, template: str, at: str, repeat: str, answers: Row | None = None, asks: Iterable[str] = ()) -> None:
        """What has to be answered is answered as the survey proposes: AWX refuses a schedule that leaves it open."""
        questions = self.list["questions"]
        given = {name: questions[name]["answer"] for name in asks if "answer" in questions[name]} | (answers or {})
        more = {"extra_data": given} if given else {}
        self.schedules.append(self._of_us(template, unified_job_template=template, rrule=rrule(at, repeat), **more))


def fits(rule: Mapping[str, Any], scenario: str, severities: Sequence[str] | None) -> bool:
    """As C(approvals.required) of an inventory is read."""
    of = {key: [rule[key]] if isinstance(rule[key], str) else rule[key] for key in ("scenario", "severity") if key in rule}
    severe = severities is None or any(one in of.get("severity", severities) for one in severities)
    return severe and scenario in of.get("scenario", [scenario])


def rrule(at: str, repeat: str) -> str:
    return f"DTSTART:20260101T{at.replace(':', '')}00Z RRULE:{repeat}"


def plain(words: str) -> str:
    """Without the links of a page."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", words)
