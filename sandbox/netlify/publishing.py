"""A deploy's life: built, ready, and published unless the published deploy is locked; published again by a restore."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.artifacts import KINDS
from sandbox.clock import now_ms
from sandbox.netlify.book import new_id, touch
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.netlify import Netlify

_BROKEN_BUILD = "Failed during stage 'building site': Build script returned non-zero exit code: 2"


def deploy_record(site: Row, *, commit: str | None, title: str, kind: str, at: int, source: str = "git") -> Row:
    """A production deploy as it is when it was just asked for; instants in ms."""
    id = new_id()
    return {
        "id": id,
        "site_id": site["id"],
        "user_id": None,
        "build_id": new_id() if source == "git" else None,
        "state": "building",
        "name": site["name"],
        "url": site["url"],
        "ssl_url": site["ssl_url"],
        "admin_url": site["admin_url"],
        "deploy_url": f"http://{id}--{site['name']}.netlify.app",
        "deploy_ssl_url": f"https://{id}--{site['name']}.netlify.app",
        "context": "production",
        "branch": site["build_settings"]["repo_branch"],
        "commit_ref": commit,
        "commit_url": commit and f"{site['build_settings']['repo_url']}/commit/{commit}",
        "title": title,
        "deploy_source": source,
        "draft": False,
        "skipped": False,
        "locked": False,
        "error_message": None,
        "created_at": at,
        "updated_at": at,
        "published_at": None,
        "commit": commit,
        "kind": kind,
        "env": production_values(site, {}),
        "pending": None,
    }


def production_values(site: Row, shared: dict[str, Row]) -> dict[str, str]:
    """What a production build would get from the site's variables, and from those that all sites share."""
    values = {}
    for variable in (*shared.values(), *site["env"].values()):
        by_context = {value["context"]: value["value"] for value in variable["values"]}
        if (value := by_context.get("production", by_context.get("all"))) is not None:
            values[variable["key"]] = value
    return values


def start(netlify: Netlify, site: Row, *, commit: str, title: str, kind: str, branch: str = "", pushed: bool = True) -> Row:
    """Build a commit of the site's repository; what nobody's push has started names none."""
    deploy = deploy_record(site, commit=commit, title=title, kind=kind, at=now_ms())
    deploy["env"] = production_values(site, netlify.book.account_env)
    if not pushed:
        deploy.update(commit_ref=None, commit_url=None)
    if branch and branch != deploy["branch"]:
        deploy.update(branch=branch, context="branch-deploy")
    netlify.book.deploys[deploy["id"]] = deploy
    seconds = netlify.state.latency("netlify.build") * KINDS[kind].build_factor
    netlify.state.later(seconds, "netlify.built", site["name"], deploy=deploy["id"])
    netlify.state.run_due()
    return deploy


def built(netlify: Netlify, target: str, deploy: str) -> None:
    """Whether it goes live is decided now, not when it was pushed: by the lock."""
    row, site = netlify.book.deploys[deploy], netlify.book.named(target)
    if not KINDS[row["kind"]].builds:
        touch(row, state="error", error_message=_BROKEN_BUILD)
        return
    touch(row, state="ready")
    if row["context"] == "production" and not row["draft"] and not netlify.book.is_locked(site):
        publish(netlify, site, row)


def publish(netlify: Netlify, site: Row, deploy: Row) -> None:
    """Point the site at a deploy. The lock was on the deploy before it, and publishing another one by hand takes it off."""
    if before := netlify.book.published(site):
        before["locked"] = False
    touch(deploy, published_at=now_ms(), locked=False)
    touch(site, published=deploy["id"])
    site["history"].append(deploy["id"])


def begin_restore(netlify: Netlify, site: Row, deploy: Row) -> None:
    """Accepted: it is published a moment later. Asked again meanwhile, nothing more happens."""
    if deploy["pending"] is not None or site["published"] == deploy["id"]:
        return
    touch(deploy, pending=deploy["state"], state="processing")
    netlify.state.later(netlify.state.latency("netlify.restore"), "netlify.restored", site["name"], deploy=deploy["id"])
    netlify.state.run_due()


def restored(netlify: Netlify, target: str, deploy: str) -> None:
    row, site = netlify.book.deploys[deploy], netlify.book.named(target)
    touch(row, state=row["pending"], pending=None)
    if not netlify.state.fails_now(target):
        row["state"] = "ready"
        publish(netlify, site, row)


def cancel(netlify: Netlify, deploy: Row) -> bool:
    """Stop a build; False when it has ended."""
    if deploy["state"] != "building":
        return False
    netlify.state.forget_steps(deploy=deploy["id"])
    touch(deploy, state="error", error_message="Canceled build")
    return True


STEPS: dict[str, Callable[..., None]] = {"built": built, "restored": restored}
