"""The lint of runbooks: what it finds in the five, what it leaves alone, and what its rules are."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import json_schema
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.reading import document_in
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook import document, rules, rules_page
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.findings import Finding, findings

from tests.unit.runbooks import RIGHT, ROOT, WRONG, five, found, rules_of

pytestmark = pytest.mark.once
COLLECTION = ROOT / "collections/ansible_collections/lastgood/recovery"
ALL = rules.rules()
cached_five = cache(five)


@pytest.mark.parametrize("what", WRONG)
def test_what_is_known_to_be_wrong_with_the_five_runbooks_is_found_at_its_line(what: str) -> None:
    assert WRONG[what] in {(one.file, one.line, one.rule) for one in cached_five()}


def test_the_five_runbooks_disagree_about_an_error_rate_over_ten_percent() -> None:
    (one,) = [one for one in cached_five() if one.rule == "any-matrices" and one.text.startswith("error rate")]
    for place in ("rachelfoods.md:15", "rachelfoods.md:438", "huntaze.md:507", "generic-levels.md:10", "derrimut.md:32"):
        assert place in one.text
    assert "P0, fix, or else roll back within 15 min, no approval" in one.text
    assert "P1, roll back, approval of engineering lead" in one.text


def test_a_migration_that_failed_may_be_marked_as_rolled_back() -> None:
    assert not [one for one in cached_five() if one.file == "huntaze.md" and one.rule.startswith("prisma")]


def test_nothing_is_wrong_with_good_commands() -> None:
    assert found(RIGHT) == []


def test_our_own_documentation_has_no_findings() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *COLLECTION.glob("*.md")]
    shown = findings([document.read(str(page)) for page in sorted(pages)])
    assert [(one.file, one.line, one.rule) for one in shown] == []


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_what_replaces_it_exists_and_the_source_is_one(rule: rules.Rule) -> None:
    assert rule.instead
    for name in rule.instead:
        assert (ROOT / name if name.startswith("playbooks/") else COLLECTION / "plugins/modules" / f"{name}.py").is_file(), name
    assert rule.source.startswith("https://") or (ROOT / rule.source).is_file()
    assert len(rule.source) <= WIDTH - 8, "a link that is broken by the end of the line cannot be clicked"
    for wanted in (rule.command, rule.text, rule.whole):
        for key in {"near", "not_near", "says", "under", "lacks"} & set(wanted or {}):
            patterns = (wanted or {})[key]
            for one in [patterns] if isinstance(patterns, str) else patterns:
                rules.pattern(one)


EXAMPLES = {
    "vercel-promote": "vercel promote dpl_1",
    "vercel-redeploy": "npx vercel redeploy dpl_1",
    "vercel-rollback-bare": "vc rollback --yes",
    "vercel-deploy": "vercel deploy --prebuilt --prod",
    "railway-redeploy": "railway redeploy -y",
    "railway-logs-tail": "railway logs --tail",
    "railway-logs-deployments": "railway logs --deployments",
    "render-deploy": "render deploys create srv-1 --commit abc",
    "heroku-rollback-bare": "heroku releases:rollback -a web",
    "heroku-rollback-variables": "heroku rollback v12 --app web",
    "heroku-pg-restore": "heroku pg:backups:restore b001 DATABASE_URL -a web",
    "netlify-rollback": "netlify rollback",
    "netlify-deploy": "npx netlify-cli deploy --prod\nnetlify deploy --prod",
    "prisma-reset": "npx prisma migrate reset --force",
    "prisma-push": "pnpm exec prisma db push --accept-data-loss",
    "prisma-dev": "npx prisma --schema a.prisma migrate dev",
    "postgresql-psql-errors": 'psql "$URL" -f undo.sql',
    "postgresql-pg-restore": "docker exec -i db pg_restore -U me -d shop /b.dump",
    "postgresql-pg-restore-clean": "pg_restore --clean -1 -d shop b.dump",
    "postgresql-pg-restore-list": "pg_restore -l b.dump",
    "postgresql-drop-database": "psql -c 'DROP DATABASE shop'",
    "postgresql-dump-pipe": "pg_dump shop | gzip > shop.sql.gz",
    "postgresql-backup-size": "du -h /srv/shop.dump",
    "aws-s3-delete-current": "aws s3api delete-object --bucket b --key k",
    "aws-rds-restore": "aws --region eu-west-1 rds restore-db-instance-to-point-in-time --target-db-instance-identifier x",
    "aws-cloudfront-invalidation": "aws cloudfront create-invalidation --distribution-id E1 --paths '/*'",
    "git-force-push": "git push --force origin main",
    "git-checkout-relative": "git reset --hard HEAD~1",
    "git-checkout-build": "git checkout v1\nnpm run build",
    "any-curl-status": "curl -s https://example.com/health",
}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_each_rule_finds_its_example_in_a_rollback_and_no_other_command(rule: str) -> None:
    assert rule in {one.id for one in ALL}
    assert rule in rules_of(f"## Rollback and health check\n```sh\n{EXAMPLES[rule]}\n```\n")
    assert rules_of(f"## Rollback and health check\n```sh\necho {EXAMPLES[rule]!r}\n```\n") == set()


def test_every_rule_is_tried() -> None:
    tried = {*EXAMPLES, *(rule for _, _, rule in WRONG.values()), "any-matrices", "vercel-variables-redeploy", "convex-restore"}
    assert {rule.id for rule in ALL} == tried


def test_rules_are_called_by_their_vendor_and_differ() -> None:
    assert len({rule.id for rule in ALL}) == len(ALL)
    assert all(rule.id.startswith(f"{rule.vendor.name}-") for rule in ALL)
    assert {path.stem for path in rules.FOLDER.glob("*.yml")} == {rule.vendor.name for rule in ALL}
    for rule in ALL:
        if rule.command and rule.command.get("unknown"):
            assert all(program in rule.vendor.commands for program in rule.command["run"])


@pytest.mark.parametrize("path", sorted(rules.FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_the_rules_are_as_their_schema_says_by_jsonschema_too(path: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(rules.published())
    jsonschema.Draft202012Validator(rules.published()).validate(document_in(path))


@pytest.mark.parametrize(
    "change", [{"problem": "bad"}, {"severity": "note"}, {"text": {"says": "x"}}, {"command": {"run": []}}, {"more": 1}, {"source": "x"}]
)
def test_a_rule_that_is_not_as_the_schema_says_is_refused(change: dict[str, Any]) -> None:
    rule = {"id": "x-y", "problem": "un-pins", "severity": "error", "why": "So.", "source": "docs/x.md", "command": {"run": ["x"]}}
    whole = {"vendor": "x", "title": "X", "rules": [rule]}
    assert rules.rules_in(whole, "x.yml")
    broken = {**whole, "rules": [{**rule, **change}]}
    assert not jsonschema.Draft202012Validator(rules.published()).is_valid(broken)
    assert list(json_schema.faults(broken, rules.published()))
    with pytest.raises(Refused, match=r"x\.yml has no valid rules"):
        rules.rules_in(broken, "x.yml")


def test_the_page_of_all_rules_is_what_the_rules_say() -> None:
    page = (ROOT / "docs/runbook-lint.md").read_text(encoding="utf-8")
    assert page == rules_page.page(), "write it anew: scripts/lint-runbook --rules > docs/runbook-lint.md"


def matrix(*rows: str) -> str:
    return "\n".join(["# Rollback", "", "| Issue | Severity | Action |", "|---|---|---|", *(f"| {row} |" for row in rows), ""])


def disagreeing(*texts: str) -> list[Finding]:
    return [
        one for one in findings([document.parsed(f"{index}.md", text) for index, text in enumerate(texts)]) if one.rule == "any-matrices"
    ]


def test_matrices_disagree_within_a_file_and_across_files_and_only_on_the_same_trouble() -> None:
    first, other = matrix("Error rate > 10% | P0 | Rollback"), matrix("Error rates over 10 % | P1 | Hotfix")
    assert [(one.file, one.line) for one in disagreeing(first + "\n" + other)] == [("0.md", 5)]
    (across,) = disagreeing(first, other)
    assert "P0, roll back (0.md:5)" in across.text
    assert "P1, fix forward (1.md:5)" in across.text
    assert not disagreeing(first, first)
    assert not disagreeing(first, matrix("Complete service outage | P1 | Hotfix"))
    assert not disagreeing(matrix("Error rate > 10% | P0 | Rollback"), matrix("Email service down | P1 | Hotfix"))


def test_one_name_for_two_metrics_is_found_across_files_and_once() -> None:
    one, two = "Mean Time to Detect (MTTD)\n", "| Mean Time to Decide (MTTD) | 2 |\n|---|---|\n| Mean Time To Decide (MTTD) | 3 |\n"
    both = findings([document.parsed("a.md", one), document.parsed("b.md", two)])
    assert [(each.file, each.line, each.rule) for each in both] == [("b.md", 1, "any-metric-name")]
    assert rules_of(one + one) == rules_of("The error tracker (SENT) and a service (MTTD)") == set()


def test_what_is_found_can_be_written_as_json() -> None:
    for one in cached_five():
        assert json.loads(json.dumps(one.__dict__))["why"] == one.why
