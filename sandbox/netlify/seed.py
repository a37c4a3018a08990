"""The shop's blog, as it was left on the last Friday."""

from __future__ import annotations

import secrets

from sandbox.artifacts import KINDS
from sandbox.clock import DAY, MINUTE
from sandbox.netlify import publishing
from sandbox.netlify.book import ACCOUNT
from sandbox.netlify.variables import variable_record
from sandbox.state import Row

SITE_ID = "b10c0de0-5a1e-4b1e-8f00-d0f00db109ed"
# Days before Friday, what became of it, commit message.
_BLOG = [
    (20, "old", "Summer recipes"),
    (14, "old", "Portraits of the growers"),
    (11, "preview", "Draft: autumn menu"),
    (9, "old", "Larger photographs"),
    (6, "failing-build", "Upgrade the site generator"),
    (5, "cli", "Correct the imprint"),
    (2, "draft", "Try another typeface"),
    (0, "good", "Recipes can be printed"),
]


def history(friday: int) -> Row:
    site = _site(friday - 200 * DAY)
    deploys = [_deploy(site, friday - 120 * MINUTE - days * DAY, fate, message) for days, fate, message in _BLOG]
    site["history"] = [deploy["id"] for deploy in deploys if deploy["published_at"]]
    site["published"] = site["history"][-1]
    head = deploys[-1]
    site["head"] = {"commit": head["commit_ref"], "title": head["title"], "kind": head["kind"]}
    return {"sites": {site["id"]: site}, "deploys": {deploy["id"]: deploy for deploy in deploys}, "account_env": {}}


def _deploy(site: Row, at: int, fate: str, message: str) -> Row:
    kind = fate if fate in KINDS else "good"
    source = "cli" if fate in ("cli", "draft") else "git"
    commit = secrets.token_hex(20) if source == "git" else None
    row = publishing.deploy_record(site, commit=commit, title=message, kind=kind, at=at - 3 * MINUTE, source=source)
    row["updated_at"] = at
    if fate == "failing-build":
        return row | {"state": "error", "error_message": "Build script returned non-zero exit code: 2"}
    if fate == "preview":
        return row | {"state": "ready", "context": "deploy-preview", "branch": "autumn-menu"}
    if fate == "draft":  # `netlify deploy` without --prod
        return row | {"state": "ready", "draft": True}
    return row | {"state": "old" if fate == "old" else "ready", "published_at": at}


def _site(created: int) -> Row:
    env: list[Row] = [
        {"key": "LOG_LEVEL", "values": [{"context": "all", "value": "info"}]},
        {"key": "CURRENCY", "values": [{"context": "production", "value": "EUR"}, {"context": "deploy-preview", "value": "XTS"}]},
        {"key": "SEARCH_KEY", "values": [{"context": "production", "value": "sk_blog_5dA1"}], "is_secret": True},
    ]
    return {
        "id": SITE_ID,
        "name": "blog",
        "custom_domain": "blog.rachelfoods.test",
        "state": "current",
        "plan": "pro",
        "url": "http://blog.rachelfoods.test",
        "ssl_url": "https://blog.rachelfoods.test",
        "admin_url": "https://app.netlify.com/sites/blog",
        "account_id": ACCOUNT["id"],
        "account_slug": ACCOUNT["slug"],
        "account_name": ACCOUNT["name"],
        "git_provider": "github",
        "created_at": created,
        "updated_at": created,
        "disabled": False,
        "disabled_reason": None,
        "build_settings": {
            "provider": "github",
            "repo_url": "https://github.com/lastgood/blog",
            "repo_path": "lastgood/blog",
            "repo_branch": "main",
            "cmd": "npm run build",
            "dir": "public",
            "stop_builds": False,
        },
        "published": None,
        "history": [],
        "head": None,
        "purges": [],
        "env": {wanted["key"]: variable_record(wanted, created) for wanted in env},
    }
