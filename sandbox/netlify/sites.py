"""Sites: list, read, change settings, disable, enable, purge the cache; and the account they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.netlify.book import ACCOUNT, USER, paged, site_row, touch
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.netlify import Netlify

_PLAIN = ("name", "custom_domain", "password", "force_ssl", "prerender", "functions_region")


def list_sites(netlify: Netlify, call: Call) -> Reply:
    wanted = call.query.get("name", "")
    return paged([site_row(netlify.book, site) for site in netlify.book.sites.values() if wanted in site["name"]], call)


def get_site(netlify: Netlify, call: Call) -> Row:
    return site_row(netlify.book, netlify.book.site(call.match["site_id"]))


def update_site(netlify: Netlify, call: Call) -> Row:
    """`build_settings` is merged, so that `{"stop_builds": true}` alone stops the builds."""
    site, body = netlify.book.site(call.match["site_id"]), call.body or {}
    site["build_settings"] |= body.get("build_settings", {})
    touch(site, **{field: body[field] for field in _PLAIN if field in body})
    return site_row(netlify.book, site)


def disable(netlify: Netlify, call: Call) -> Reply:
    site = netlify.book.site(call.match["site_id"])
    if not call.query.get("reason"):
        raise Refusal(422, "reason is required")
    touch(site, disabled=True, disabled_reason=call.query["reason"])
    return Reply(204)


def enable(netlify: Netlify, call: Call) -> Reply:
    site = netlify.book.site(call.match["site_id"])
    if site["disabled_reason"] in ("usage_exceeded", "spam"):
        raise Refusal(422, "This site cannot be enabled")
    touch(site, disabled=False, disabled_reason=None)
    return Reply(204)


def purge(netlify: Netlify, call: Call) -> Reply:
    """The whole cache of a site, or what carries one of the tags."""
    body = call.body or {}
    if not body.get("site_id") and not body.get("site_slug"):
        raise Refusal(400, "site_id or site_slug is required")
    site = netlify.book.site(body.get("site_id") or f"{body['site_slug']}.netlify.app")
    site["purges"].append({"at": now_ms(), "cache_tags": body.get("cache_tags") or []})
    return Reply(202)


def list_accounts(netlify: Netlify, call: Call) -> list[Row]:
    return [dict(ACCOUNT)]


def get_account(netlify: Netlify, call: Call) -> Row:
    if call.match["account_id"] not in (ACCOUNT["id"], ACCOUNT["slug"]):
        raise Refusal(404, "Not Found")
    return dict(ACCOUNT)


def get_user(netlify: Netlify, call: Call) -> Row:
    return dict(USER)


_SITE = "/api/v1/sites/{site_id}"
ROUTES: list[Route] = [
    ("GET", "/api/v1/sites", list_sites),
    ("GET", _SITE, get_site),
    ("PATCH", _SITE, update_site),
    ("PUT", _SITE + "/disable", disable),
    ("PUT", _SITE + "/enable", enable),
    ("POST", "/api/v1/purge", purge),
    ("GET", "/api/v1/accounts", list_accounts),
    ("GET", "/api/v1/accounts/{account_id}", get_account),
    ("GET", "/api/v1/user", get_user),
]
