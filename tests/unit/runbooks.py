"""The five runbooks of the mission, what is known to be wrong with them, and commands with which nothing is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook import document
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.findings import Finding, findings

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = Path(os.environ.get("LASTGOOD_RUNBOOKS", ROOT.parent / "shared" / "runbooks"))
FIVE = ("rachelfoods.md", "realco.md", "huntaze.md", "derrimut.md", "generic-levels.md")

WRONG = {
    "a migration that was applied is marked as rolled back": ("rachelfoods.md", 119, "prisma-resolve-applied"),
    "the same, in the example": ("rachelfoods.md", 135, "prisma-resolve-applied"),
    "a migration is marked after the restore that removed its row": ("realco.md", 345, "prisma-resolve-restored"),
    "a command for development in an incident": ("rachelfoods.md", 125, "prisma-dev"),
    "Promote to Production, rachelfoods": ("rachelfoods.md", 40, "vercel-promote-dashboard"),
    "Promote to Production, huntaze": ("huntaze.md", 65, "vercel-promote-dashboard"),
    "Promote to Production, realco": ("realco.md", 239, "vercel-promote-dashboard"),
    "Promote to Production, derrimut": ("derrimut.md", 72, "vercel-promote-dashboard"),
    "vercel --prod, realco": ("realco.md", 248, "vercel-deploy"),
    "vercel --prod, derrimut": ("derrimut.md", 262, "vercel-deploy"),
    "railway rollback": ("realco.md", 176, "railway-phantom"),
    "railway rollback with an id": ("realco.md", 182, "railway-phantom"),
    "railway up, rachelfoods": ("rachelfoods.md", 76, "railway-up"),
    "railway up, realco": ("realco.md", 188, "railway-up"),
    "render service:stop": ("rachelfoods.md", 151, "render-phantom"),
    "render postgres:restore": ("rachelfoods.md", 155, "render-phantom"),
    "psql < backup, huntaze": ("huntaze.md", 221, "postgresql-psql-restore"),
    "psql < backup, huntaze's quick reference": ("huntaze.md", 532, "postgresql-psql-restore"),
    "psql < backup, realco, through railway run": ("realco.md", 320, "postgresql-psql-restore"),
    "dropdb, then restore": ("huntaze.md", 215, "postgresql-dropdb"),
    "pg_restore into what serves": ("rachelfoods.md", 158, "postgresql-pg-restore"),
    "ls -lh as the check of a backup, huntaze": ("huntaze.md", 181, "postgresql-backup-size"),
    "ls -lh as the check of a backup, realco": ("realco.md", 311, "postgresql-backup-size"),
    "CloudFront: the waiter": ("huntaze.md", 277, "aws-cloudfront-wait"),
    "CloudFront: invalidation without waiting": ("huntaze.md", 535, "aws-cloudfront-invalidation"),
    "CloudFront: an ETag from nowhere": ("huntaze.md", 271, "aws-cloudfront-etag"),
    "CloudFront: a configuration that is no input": ("huntaze.md", 266, "aws-cloudfront-config"),
    "CloudFront: a previous configuration that nobody keeps": ("huntaze.md", 271, "aws-cloudfront-previous"),
    "S3: a copy of the old version": ("huntaze.md", 304, "aws-s3-copy-version"),
    "Convex: Rollback to this deployment": ("derrimut.md", 123, "convex-dashboard-rollback"),
    "the previous value of a variable, rachelfoods": ("rachelfoods.md", 194, "any-previous-value"),
    "the previous value of a variable, derrimut": ("derrimut.md", 254, "any-previous-value"),
    "MTTD for two metrics": ("huntaze.md", 551, "any-metric-name"),
    **{f"no freeze, {name}": (name, 1, "any-no-freeze") for name in FIVE},
    # Beyond the list: found in the programs themselves.
    "vercel rollback, which shows the state of the last one": ("rachelfoods.md", 35, "vercel-rollback-bare"),
    "convex query": ("derrimut.md", 136, "convex-phantom"),
    "vercel inspect --prod": ("huntaze.md", 72, "vercel-inspect-prod"),
}
RIGHT = """\
# Rollback plan

Before anything else, deployments are frozen.

## When a restore or rollback is needed

```bash
vercel rollback dpl_abc --yes --token "$VERCEL_TOKEN"
vercel ls --prod
vercel inspect huntaze-abc123.vercel.app
railway status
railway deployment list --json
railway variable set KEY=value --skip-deploys
railway logs --lines 100
render services --output json
npx convex run users:get '{"id": "don''t"}'
npx convex deploy
npx prisma migrate status
npx prisma migrate deploy
# The failed migration is marked as rolled back
npx prisma migrate resolve --rolled-back "20260113_add"
npx netlify api restoreSiteDeploy --data '{"site_id": "s", "deploy_id": "d"}'
heroku releases --app web
pg_dump --format=custom --file=/srv/backup.dump "$DATABASE_URL"
pg_restore --no-owner -e -1 -d shop_beside /srv/backup.dump
psql -v ON_ERROR_STOP=1 -f check.sql "$DATABASE_URL"
psql "$DATABASE_URL" -c 'SELECT count(*) FROM orders'
psql "$DATABASE_URL" <<EOF
SELECT 1;
EOF
ETAG=$(aws cloudfront get-distribution-config --id E1 --query ETag --output text)
aws --region us-east-1 cloudfront get-distribution-config --id E1 --query DistributionConfig > before.json
aws cloudfront update-distribution --id E1 --if-match "$ETAG" --distribution-config file://before.json
aws s3api list-object-versions --bucket uploads --prefix a
aws s3api delete-object --bucket uploads --key a --version-id v1
git revert --no-edit abc1234
git push origin main
git checkout -b hotfix/orders
curl -fsS https://api.example.com/health
curl --fail-with-body https://api.example.com/health
curl -s https://api.example.com/version | grep abc1234
ls -l /etc
./scripts/drill checkout   # "vercel promote" is not typed
ansible-playbook rollback-checkout.yml -e bad_at=02:38
```

1. Do not click "Promote to Production", never run `railway up`, and do not set the previous value by hand.
2. Run `scripts/drill checkout`.

| Severity | Trouble | Action | Approval |
|---|---|---|---|
| P0 | Error rate > 10 % | Roll back within 15 min | No |
| P2 | UI glitch (cosmetic) | Fix forward | No |
"""


def five() -> list[Finding]:
    """What is found in the five runbooks together, files by their names; skips the test where they are not at hand."""
    if not all((RUNBOOKS / name).is_file() for name in FIVE):
        pytest.skip(f"the runbooks are not in {RUNBOOKS}; set LASTGOOD_RUNBOOKS")
    return findings([document.parsed(name, (RUNBOOKS / name).read_text(encoding="utf-8")) for name in FIVE])


def found(text: str, name: str = "runbook.md") -> list[Finding]:
    return findings([document.parsed(name, text)])


def rules_of(text: str) -> set[str]:
    return {one.rule for one in found(text)}
