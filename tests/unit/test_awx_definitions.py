"""awx/: nothing is forgotten, nothing is stale, and whoever fills in a survey fills in extra variables that there are."""

from __future__ import annotations

import re
import shutil
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import commands, plan, status
from ansible_collections.lastgood.recovery.plugins.module_utils.stripe import way

from awx import definitions
from awx.credentials import SCREEN
from awx.definitions import ROOT, Definitions, fits
from awx.form import Row
from awx.generate import outcome

pytestmark = pytest.mark.once
AWX, ROLES = ROOT / "awx", ROOT / "collections/ansible_collections/lastgood/recovery/roles"
PLUGINS = ROLES.parent / "plugins"
MADE = Definitions(yaml.safe_load((AWX / "settings.yml").read_text()))
FILES = MADE.files()
ALL = {name: rows for content in FILES.values() for name, rows in content.items()}
TEMPLATES, WORKFLOWS = ({row["name"]: row for row in ALL[kind]} for kind in ("controller_templates", "controller_workflows"))
WORDS = {"text": "str", "textarea": "str", "multiplechoice": "str"}


def test_what_is_committed_is_what_is_generated() -> None:
    stale = [path.name for path, text in outcome(AWX / "settings.yml", AWX / "controller").items() if path.read_text() != text]
    assert not stale, "scripts/awx writes them"
    assert {path.stem for path in (AWX / "controller").iterdir()} == set(FILES)


def test_every_playbook_is_in_the_list_once() -> None:
    listed = [entry["playbook"] for entry in [*MADE.list["scenarios"], *MADE.list["others"]]]
    assert sorted(listed) == sorted(path.name for path in (ROOT / "playbooks").glob("*.yml"))
    assert {row["playbook"] for row in TEMPLATES.values()} == {f"playbooks/{name}" for name in listed}


@cache
def options() -> dict[str, Row]:
    """By extra variable, what the roles and modules say it is."""
    found: dict[str, Row] = {"stripe": way.ARGUMENTS["stripe"], "scenario": {"type": "str"}}
    for path in ROLES.glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            found |= entry.get("options") or {}
    return found


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("staging")])
def test_a_survey_asks_for_variables_that_the_playbook_has(name: str) -> None:
    template, known = TEMPLATES[name], options()
    text = (ROOT / template["playbook"]).read_text()
    included = re.findall(r"tasks/[\w-]+\.yml", text)
    text += "".join((ROOT / "playbooks" / one).read_text() for one in included)
    roles = set(re.findall(r"lastgood\.recovery\.(\w+)", text)) | {"open"}
    roles = {role for role in roles if (ROLES / role).exists()}
    tasks = text + "".join(path.read_text() for role in roles for path in (ROLES / role).glob("tasks/*.yml"))
    for question in template.get("survey_spec", {"spec": []})["spec"]:
        variable = question["variable"]
        assert re.search(rf"\b{variable}\b \|| if {variable} is|: \"\{{\{{ {variable} \}}\}}\"|\b{variable} is defined", tasks), variable
        option = known.get(variable, {})
        if option.get("choices"):
            assert question["choices"] == option["choices"]
        if "type" in option:
            assert option["type"] == WORDS[question["type"]] or (variable, option["type"]) == ("only_variables", "list")


@pytest.mark.parametrize("scenario", [row["name"] for row in MADE.list["scenarios"]])
def test_what_a_job_says_to_launch_next_is_there(scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"environment": "production", "scenario": scenario, "state": "started", "inventory": "inventories/production"}
    assert "-i inventories/production" in commands.command(facts, "undo")
    monkeypatch.setenv("JOB_ID", "7")
    monkeypatch.setenv("AWX_HOST", "https://awx.example.com")
    typed = [*(command["command"] for command in status._next(facts)), *(commands.command(facts, name) for name in ("commit", "watch"))]
    for command in typed:
        found = re.fullmatch(r"launch (.+) in AWX(?:, scenario (.+))?", command)
        assert found, command
        assert found[1] in {**TEMPLATES, **WORKFLOWS}
        asked = [question["variable"] for question in {**TEMPLATES, **WORKFLOWS}[found[1]]["survey_spec"]["spec"]]
        assert (found[2], "scenario" in asked) in {(scenario, True), (None, scenario == "checkout"), (None, False)}, command


@pytest.mark.parametrize("name", [name for name in WORKFLOWS if name.startswith("production")])
def test_a_workflow_plans_first_and_changes_nothing_that_nobody_approved(name: str) -> None:
    workflow = WORKFLOWS[name]
    nodes = {node["identifier"]: node for node in workflow["workflow_nodes"]}
    order, at = [], "plan"
    while at:
        assert at not in order, "a circle"
        order.append(at)
        assert set(nodes[at]["related"]) == {"success_nodes"}, "nothing comes after a failure, a denial or a time-out"
        at = next(iter(after["identifier"] for after in nodes[at]["related"]["success_nodes"]), "")
    assert order == list(nodes)
    kinds = [nodes[one]["unified_job_template"] for one in order]
    assert [kind["type"] for kind in kinds] == ["job_template", *["workflow_approval"] * (len(nodes) - 2), "job_template"]
    assert len(nodes) > 2
    assert all(kind["timeout"] > 0 for kind in kinds[1:-1])
    checked, acts = TEMPLATES[kinds[0]["name"]], TEMPLATES[kinds[-1]["name"]]
    assert (checked["job_type"], acts["job_type"], checked["playbook"]) == ("check", "run", acts["playbook"])
    asked = {question["variable"]: question for question in acts["survey_spec"]["spec"]}
    mine = {question["variable"] for question in workflow["survey_spec"]["spec"]}
    assert mine == {question["variable"] for question in checked["survey_spec"]["spec"]}
    extra = nodes[order[-1]]["extra_data"]
    assert mine | set(extra) <= set(asked), "what is given is asked for"
    assert {one for one, question in asked.items() if question["required"]} <= mine | set(extra)
    assert "plan" not in mine, "a survey's answer would win over the plan's own hash"
    environment, _, scenario = name.partition(" ")
    assert extra == {"confirmed": f"ROLLBACK {environment.upper()} {scenario}"}
    assert "ROLLBACK {incident['environment'].upper()} {incident['scenario']}" in Path(str(plan.__file__)).read_text()


def test_whoever_starts_a_job_says_nothing_that_is_not_asked_and_no_job_is_sliced() -> None:
    for row in [*TEMPLATES.values(), *WORKFLOWS.values()]:
        assert (row["ask_variables_on_launch"], row["allow_simultaneous"], row["ask_limit_on_launch"]) == (False, False, True)
    assert {row["job_slice_count"] for row in TEMPLATES.values()} == {1}
    assert not {"approvals", "decision", "lead", "incident_store", "drill"} & set(MADE.list["questions"])


def test_a_job_has_secrets_of_its_own_environment_only() -> None:
    known = {row["name"] for row in ALL["controller_credentials"]}
    for name, row in TEMPLATES.items():
        assert {one.split()[0] for one in row["credentials"]} == {row["inventory"]} == {name.split()[0]}
        assert set(row["credentials"]) <= known


def test_no_secret_of_the_collection_is_without_a_credential_type() -> None:
    sources = "".join(path.read_text() for path in (PLUGINS / "module_utils").rglob("*.py"))
    direct = re.findall(r'"no_log": True[^\n]*env_fallback, \["(\w+)"\]', sources)
    named = re.findall(r'_secret\("(\w+)"\)|status_page\.options\([^)]*"(\w+)"\)|environ\.get\("(\w+_TOKEN|EDGE_CONFIG)"', sources)
    wanted = {*direct, *chain.from_iterable(named)} - {""}
    given = {variable: row for row in ALL["controller_credential_types"] for variable in set(row["injectors"]["env"]) - set(SCREEN)}
    assert wanted <= set(given), "awx/vendors.yml"
    assert "VERCEL_TOKEN" in wanted
    assert len(wanted) > 20
    assert all(variable in sources for variable in given), "nobody reads it"
    for row in given.values():
        assert set(row["inputs"]["required"]) == {field["id"] for field in row["inputs"]["fields"]}, "an empty variable would be set"


def test_no_secret_is_written_down() -> None:
    for row in ALL["controller_credentials"]:
        for field, value in row["inputs"].items():
            assert field == "lastgood_incidents" or value.startswith("{{ lookup('ansible.builtin.env'"), row["name"]


def test_schedules_answer_what_must_be_answered_and_nothing_else() -> None:
    for row in ALL["controller_schedules"]:
        template = TEMPLATES.get(row["unified_job_template"])
        if template is None:
            assert row["name"].endswith(": newest")
            continue
        survey = template.get("survey_spec", {"spec": []})["spec"]
        assert set(row.get("extra_data", {})) <= {question["variable"] for question in survey}
        missing = {one["variable"] for one in survey if one["required"] and "default" not in one} - set(row.get("extra_data", {}))
        assert not missing
    scheduled = {row["unified_job_template"] for row in ALL["controller_schedules"]}
    assert {"staging drill", "staging quarterly"} <= scheduled
    assert not [name for name in TEMPLATES if name.startswith(("production drill", "production quarterly"))], "production allows no drills"


def may(team: str, what: str, kind: str) -> set[str]:
    return {name for row in ALL["controller_roles"] if (row["team"], row["role"]) == (team, what) for name in row.get(kind, [])}


def test_who_may_do_what() -> None:
    on_call, lead, cto = MADE.settings["teams"].values()
    assert may(on_call, "execute", "workflows") == set(WORKFLOWS)
    assert not may(on_call, "approval", "workflows")
    assert "production checkout now" in may(on_call, "execute", "job_templates")
    data = {f"{one} {scenario} now" for one in ("staging", "production") for scenario in ("database", "migration", "disaster")}
    assert may(cto, "execute", "job_templates") == data, "even at P0"
    assert not data & may(on_call, "execute", "job_templates")
    assert may(lead, "approval", "workflows") == set(WORKFLOWS)
    assert may(cto, "approval", "workflows") == {name.removesuffix(" now") for name in data}
    everything = set().union(*(may(team, "execute", "job_templates") for team in (on_call, lead, cto)))
    assert everything == set(TEMPLATES), "somebody may start each"


def test_the_policy_of_the_inventory_goes_before_that_of_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "inventories", tmp_path / "inventories")
    rules = [{"severity": "P0", "by": {"cto": 1}}, {"scenario": "edge", "by": {"engineering-lead": 2}}]
    path = tmp_path / "inventories/production/group_vars/all/approvals.yml"
    path.write_text(yaml.safe_dump({"approvals": {"required": rules}}))
    monkeypatch.setattr(definitions, "ROOT", tmp_path)
    made = Definitions(MADE.settings)
    nodes = {row["name"]: [node["identifier"] for node in row["workflow_nodes"]] for row in made.workflows}
    assert nodes["production checkout"] == ["plan", "approved by cto", "roll back"]
    words = ["engineering-lead", "engineering-lead 2", "cto"]
    assert nodes["production edge"] == ["plan", *(f"approved by {word}" for word in words), "roll back"]
    assert nodes["staging edge"] == ["plan", "approved by engineering-lead", "roll back"]


@pytest.mark.parametrize(
    ("rule", "severities", "expected"),
    [
        ({}, None, True),
        ({"scenario": "edge"}, None, False),
        ({"scenario": ["edge", "checkout"]}, ["P0"], True),
        ({"severity": ["P1"]}, ["P0"], False),
        ({"severity": "P1"}, None, True),
    ],
)
def test_which_rules_fit(rule: dict[str, Any], severities: list[str] | None, expected: bool) -> None:
    assert fits(rule, "checkout", severities) is expected
