"""Mistakes in an inventory: each is found where it stands, and what is right is left alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory import shape, sources
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.check import check
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.nearness import nearest
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.relations import Unresolved
from ansible_collections.lastgood.recovery.plugins.module_utils.json_schema import Unread, faults
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.modules import inventory_check
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.bench import printed_by

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
KNOWN = sorted(shape.variables())
GOOD: dict[str, dict[str, Any]] = {
    "storefront": {
        "provider": "vercel",
        "service": {"project": "rachelfoods-storefront", "team": "rachelfoods"},
        "reach": {"vercel": ["rachelfoods-storefront"]},
        "depends_on": ["api"],
    },
    "api": {
        "provider": "render",
        "service": {"service": "srv-production-api", "api_key": Unread()},
        "reach": {"render": ["srv-production-api"]},
    },
}


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "inventories/production", tmp_path / "production")


def findings(inventory: Path, targets: dict[str, Any] | None = None) -> list[str]:
    """C(file:line: what)."""
    try:
        check({"sources": [str(inventory)]}, Run(), targets)
    except Refused as refused:
        return [f"{Path(row['file']).name}:{row['line']}: {row['says']}" for row in refused.facts["findings"]]
    return []


@pytest.mark.parametrize(
    ("file", "was", "becomes", "told"),
    [
        ("hosts.yml", "provider: render", "provider: rendr", "provider is none of convex, git, heroku, lambda_edge, netlify,"),
        ("hosts.yml", "version_urls", "version_url", "version_url is not known; did you mean version_urls? If it is your own, "),
        ("hosts.yml", "backend:\n      hosts", "backend:\n      host", "group backend has host, but a group has hosts, children,"),
        ("hosts.yml", "region: eu-west-1}", "regoin: eu-west-1}", "objects lacks region"),
        ("hosts.yml", "invalidate: [/*]", "invalidate: /*", "invalidate is no array"),
        ("group_vars/all/environment.yml", "checkout: 900", "checkout: soon", "rto.checkout is no number"),
        ("group_vars/all/environment.yml", "environment_name: production", "environment_name: 1", "environment_name is no string"),
        ("group_vars/all/environment.yml", "rto:", "rto: {}\nrto:", "says rto twice, first in line 8; only the last counts"),
        ("group_vars/all/flows.yml", "contains: RachelFoods", "contians: x", "flows.checkout[0].expect.contians is not known; did you"),
        ("group_vars/all/flows.yml", "json: {status: paid}", "json: {status: {is: paid}}", "flows.checkout[4].steps[1].expect.json"),
        ("group_vars/all/flows.yml", "flows:", "flow:", "flow is not known; did you mean flows?"),
        ("group_vars/all/reach.yml", "lambda_edge:", "lambda-edge:", "reach.lambda-edge (the name) is none of "),
        ("group_vars/all/telling.yml", "channels: []", "channels: [{kind: slak}]", "telling.channels[0].kind is none of "),
        ("group_vars/all/telling.yml", "support:", "suport:", "telling.suport is not known; did you mean support?"),
        ("group_vars/all/vendors.yml", "team: rachelfoods", "taem: rachelfoods", "vercel.taem is not known; did you mean team?"),
        ("group_vars/all/decisions.yml", "[vercel,", "[vercl,", "status_vendors[0] is none of "),
        ("group_vars/all/metrics.yml", "metrics: {}", "metrics: {a: [{name: x, source: prom}]}", "metrics.a[0].source is none of"),
        ("group_vars/all/objectives.yml", "detect: 300", "detct: 300", "objectives.durations.detct is not known; did you"),
        ("group_vars/all/flows.yml", "flows:", "flows: *nothing", "is no YAML: found undefined alias"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(inventory: Path, file: str, was: str, becomes: str, told: str) -> None:
    path = inventory / file
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    line = text[: text.index(was)].count("\n") + 1 + becomes.count("\n")
    found = findings(inventory)
    assert [one for one in found if one.startswith(f"{path.name}:{line}: {told}")], found


def test_variables_of_a_group_that_there_is_not_are_told(inventory: Path) -> None:
    (inventory / "group_vars/frontend.yml").rename(inventory / "group_vars/frontned.yml")
    assert findings(inventory) == ["frontned.yml:1: is for group frontned, which there is not; did you mean frontend?"]


@pytest.mark.parametrize(
    ("target", "named", "change", "told"),
    [
        (
            "storefront",
            "service",
            {"service": {"team": "rachelfoods"}},
            "storefront at vercel: service lacks project, and so does the environment: VERCEL_PROJ",
        ),
        ("api", "service", {"service": {"servce": "srv-production-api"}}, "api at render: service lacks service"),
        (
            "api",
            "service",
            {"service": {"service": "srv-production-api", "apikey": "s3cret"}},
            "api at render: service.apikey is not known; did you mean api_key?",
        ),
        ("api", "provider", {"provider": "fly"}, "api: there is no provider fly, but convex, git, heroku"),
        ("api", "service", {"service": Unresolved("'rnder' is undefined")}, "service of api cannot be worked out: 'rnder' is undefined"),
        (
            "api",
            "service",
            {"reach": {"render": ["srv-production-apy"]}},
            "api: reach.render does not list srv-production-api; did you mean srv-",
        ),
        ("api", "service", {"reach": {}}, "api: reach.render does not list srv-production-api"),
        ("api", "", {"depends_on": ["datbase"]}, "api depends on datbase, which there is not"),
        ("api", "", {"depends_on": ["storefront"]}, "depends_on goes in a circle: storefront → api → storefront"),
        ("api", "", {"depends_on": ["api"]}, "depends_on goes in a circle: api → api"),
    ],
)
def test_what_targets_say_together_is_looked_at(
    inventory: Path, monkeypatch: pytest.MonkeyPatch, target: str, named: str, change: dict[str, Any], told: str
) -> None:
    monkeypatch.delenv("VERCEL_PROJECT_ID", raising=False)
    assert findings(inventory, GOOD) == []
    found = findings(inventory, {**GOOD, target: {**GOOD[target], **change}})
    lines = (inventory / "hosts.yml").read_text(encoding="utf-8").splitlines()
    mine = next(number for number, line in enumerate(lines, 1) if line.strip() == f"{target}:")
    where = next(number for number, line in enumerate(lines, 1) if number > mine and line.strip().startswith(f"{named}:")) if named else 1
    assert f"hosts.yml:{where}: {told}" in [one[: len(f"hosts.yml:{where}: {told}")] for one in found], found
    assert "s3cret" not in str(found)


def test_who_is_called_can_be_reached(inventory: Path) -> None:
    people = {"people": [{"name": "Maria Rossi", "role": "engineering-lead", "phone": "+1 555 0100"}]}
    steps = [{"after": 0, "to": "Engineering lead"}, {"after": 15, "to": "enginering lead"}]
    called = {"storefront": {**GOOD["storefront"], "contacts": people, "escalation": steps}}
    says = "escalation goes to enginering lead, whom contacts do not list; did you mean engineering-lead?"
    assert [one.split(": ", 1)[1] for one in findings(inventory, {**GOOD, **called})] == [says]
    called["storefront"]["contacts"] = {"on_call": "https://x.pagerduty.com"}
    assert findings(inventory, {**GOOD, **called}) == []


def test_vaults_expressions_and_a_teams_own_variables_are_accepted(inventory: Path) -> None:
    (inventory / "group_vars/all/vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    (inventory / "group_vars/all/own.yml").write_text(
        "shop_region: eu\nown_variables: [flow]\nflow: mine\nroll_back_timeout: '{{ patience }}'\n"
        "telling_secrets: {slack: !vault '$ANSIBLE_VAULT;1.1;AES256'}\nbase: &base {contains: x}\nansible_user: me\n"
        'verify_looks: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nedge_pops: "{{ 3 }}"\n'
        "prisma: {<<: {schema: a}, schema: b}\n"
    )
    files, hosts = list(inventory.rglob("*.yml")), len(sources.gathered([str(inventory)]).hosts)
    result = check({"sources": [str(inventory)]}, Run(), GOOD)
    assert {"flow", "shop_region", "shop_login"} <= set(result["own"])
    assert "edge_pops" not in result["own"]
    assert result["summary"] == f"{len(files)} files, {hosts} hosts: no mistake found"


def test_hosts_in_another_form_are_listed_and_their_groups_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[frontend]\nstorefront\n")
    (tmp_path / "allowed_signers.txt").write_text("Ansible leaves this alone")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/backend.yml").write_text("tier: backend\n")
    assert [Path(path).name for path in check({"sources": [str(tmp_path)]}, Run())["unread"]] == ["hosts"]


def test_an_inventory_without_files_in_yaml_is_never_called_right(tmp_path: Path) -> None:
    script = tmp_path / "hosts"
    script.write_text("#!/usr/bin/env python3\nprint('{}')\n")
    for sources_given in ([str(script)], ["storefront,"], []):
        result = check({"sources": sources_given}, Run())
        assert result["summary"] == "files not looked at: this inventory has none in YAML"
        assert "playbooks/check-inventory.yml" in str(result["warnings"])
    fits = "; how its 2 targets fit together: no mistake"
    assert check({"sources": [str(script)]}, Run(), GOOD)["summary"].endswith(fits)
    with pytest.raises(Refused, match="a mistake"):
        check({"sources": [str(script)]}, Run(), {**GOOD, "storefront": {"provider": "vercell", "service": {}}})


def test_the_module_tells_as_much(inventory: Path) -> None:
    shown = printed_by(inventory_check.main, sources=[str(inventory)])
    assert shown["summary"].endswith(" hosts: no mistake found")
    (inventory / "group_vars/all/reach.yml").write_text("reech: {}\n")
    shown = printed_by(inventory_check.main, sources=[str(inventory)])
    assert shown["failed"]
    assert shown["msg"].startswith("the inventory has a mistake; nothing was changed. Correct it")
    assert [row["says"] for row in shown["findings"]] == [
        "reech is not known; did you mean reach? If it is your own, list it in own_variables"
    ]


@given(st.sampled_from(KNOWN), st.data())
def test_a_letter_left_out_or_two_swapped_is_recognised(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 2))
    for slip in (name[:place] + name[place + 1 :], name[:place] + name[place + 1] + name[place] + name[place + 2 :]):
        assert slip in KNOWN or len(slip) < 3 or nearest(slip, KNOWN)


@given(st.text(st.characters(categories=["L", "N"]), max_size=12))
def test_known_names_are_their_own_nearest_and_any_word_has_an_answer(word: str) -> None:
    assert nearest(word, KNOWN) in (*KNOWN, "")
    assert all(nearest(name, [name]) == name for name in KNOWN)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=4), inner),
    )
)
def test_whatever_a_variable_holds_there_is_an_answer(value: Any) -> None:
    for name in KNOWN:
        for fault in faults(value, shape.variables()[name], shape.schema(), (name,)):
            assert shape.in_words(fault)
