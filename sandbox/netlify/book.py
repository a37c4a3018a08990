"""Netlify's rows, how to find one, and how the API writes them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply
from sandbox.state import Row, State

ACCOUNT = {"id": "5f0c1b2d3e4f5a6b7c8d9e0f", "slug": "lastgood", "name": "Lastgood", "type": "team", "type_name": "Pro"}
USER = {"id": "5f0c1b2d3e4f5a6b7c8d9e01", "full_name": "On call", "email": "oncall@lastgood.test"}
FINISHED = ("ready", "old")
"""A deploy whose files are there; the list calls some of those that were replaced `old`, which no description mentions."""
# What only the emulator knows of a site, and of a deploy.
_SITE_INWARD = ("published", "history", "head", "env", "purges")
_DEPLOY_INWARD = ("commit", "kind", "env", "pending")


def new_id() -> str:
    """An identifier in the vendor's form, such as `52465f435803544542000001`."""
    return secrets.token_hex(12)


class Book:
    """Netlify's slice of the state."""

    def __init__(self, state: State) -> None:
        self._rows = state.data["netlify"]

    @property
    def sites(self) -> dict[str, Row]:
        sites: dict[str, Row] = self._rows["sites"]
        return sites

    @property
    def deploys(self) -> dict[str, Row]:
        deploys: dict[str, Row] = self._rows["deploys"]
        return deploys

    @property
    def account_env(self) -> dict[str, Row]:
        """Variables that all sites of the account share, by key."""
        env: dict[str, Row] = self._rows["account_env"]
        return env

    def site(self, id: str) -> Row:
        """The site with this id or domain, or the vendor's 404."""
        for site in self.sites.values():
            if id in (site["id"], site["custom_domain"], f"{site['name']}.netlify.app"):
                return site
        raise Refusal(404, "Not Found")

    def named(self, name: str) -> Row:
        """The site of that name; raises KeyError."""
        for site in self.sites.values():
            if site["name"] == name:
                return site
        raise KeyError(name)

    def deploy(self, id: str, site: Row | None = None) -> Row:
        """A deploy, of this site if one is given, or the vendor's 404."""
        deploy = self.deploys.get(id)
        if deploy is None or (site and deploy["site_id"] != site["id"]):
            raise Refusal(404, "Not Found")
        return deploy

    def of_site(self, site: Row) -> list[Row]:
        """Its deploys, newest first."""
        mine = [d for d in self.deploys.values() if d["site_id"] == site["id"]]
        return sorted(mine, key=lambda d: -d["created_at"])

    def published(self, site: Row) -> Row | None:
        """The deploy that the site serves."""
        return self.deploys.get(site["published"])

    def is_locked(self, site: Row) -> bool:
        """Whether new deploys wait to be published by hand: a lock on any other deploy than the published one holds nothing."""
        published = self.published(site)
        return bool(published and published["locked"])


def instant(ms: int | None) -> str | None:
    """`2026-11-20T16:05:00.123Z`."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def deploy_row(deploy: Row) -> Row:
    """A deploy as the API writes it."""
    row = {key: value for key, value in deploy.items() if key not in _DEPLOY_INWARD}
    return row | {key: instant(deploy[key]) for key in ("created_at", "updated_at", "published_at")}


def site_row(book: Book, site: Row) -> Row:
    """A site as the API writes it, with the whole deploy that it serves."""
    published = book.published(site)
    row = {key: value for key, value in site.items() if key not in _SITE_INWARD}
    row |= {key: instant(site[key]) for key in ("created_at", "updated_at")}
    return row | {"published_deploy": published and deploy_row(published)}


def build_row(deploy: Row) -> Row:
    """The build that made a deploy."""
    return {
        "id": deploy["build_id"],
        "deploy_id": deploy["id"],
        "sha": deploy["commit_ref"],
        "done": deploy["state"] not in ("enqueued", "building"),
        "error": deploy["error_message"],
        "created_at": instant(deploy["created_at"]),
    }


def paged(rows: list[Row], call: Call) -> Reply:
    """One page, at most 100 rows long, with the pages around it in the `Link` header."""
    size = min(100, max(1, call.number("per_page", 100)))
    page, last = max(1, call.number("page", 1)), max(1, -(-len(rows) // size))
    others = {"prev": page - 1, "next": page + 1, "last": last}
    here = "&".join(f"{name}={value}" for name, value in call.query.items() if name not in ("page", "per_page"))
    links = [
        f'<https://api.netlify.com{call.path}?{here}{"&" if here else ""}page={number}&per_page={size}>; rel="{relation}"'
        for relation, number in others.items()
        if 1 <= number <= last and number != page
    ]
    return Reply(200, rows[(page - 1) * size : page * size], {"Link": ", ".join(links)} if links else {})


def touch(row: Row, **changed: object) -> None:
    """Change a row, and its `updated_at`."""
    row.update(changed, updated_at=now_ms())
