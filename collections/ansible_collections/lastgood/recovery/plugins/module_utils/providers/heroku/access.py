# SPDX-License-Identifier: GPL-3.0-or-later
"""How an app at Heroku is reached."""
from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run


def address_of_environment() -> str:
    """HEROKU_API_URL, or what Heroku's own CLI makes of HEROKU_HOST: an address as it is, of a host its API."""
    if url := os.environ.get("HEROKU_API_URL"):
        return url
    if host := os.environ.get("HEROKU_HOST"):
        return host if host.startswith("http") else f"https://api.{host}"
    raise AnsibleFallbackNotFound


OPTIONS: dict[str, Any] = {
    "api_key": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["HEROKU_API_KEY"])},
    "app": {"type": "str", "required": True, "fallback": (env_fallback, ["HEROKU_APP"])},
    "api_url": {"type": "str", "default": "https://api.heroku.com", "fallback": (address_of_environment,)},
}
OF_RELEASES: dict[str, Any] = {"code_only": {"type": "bool", "default": True}}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check HEROKU_API_KEY: it must be valid, need no second factor, and its owner must be a member of the app.",
    errors.NotFound: "Check app: the name or the id of an app that the owner of the key can see.",
    errors.PlanLimit: "Look at the billing and the verification of the account at Heroku.",
    errors.NotRestorable: "Heroku may have deleted its slug; name another release.",
    errors.Conflict: "Another change of this app may be running; run the same command again.",
    errors.BadRequest: "Correct what Heroku names, then run the same command again.",
    errors.RateLimited: "An account gets 4,500 calls an hour, 75 back each minute; see who else uses it, then run the same command again.",
}


def api(options: Options, run: Run, variant: str = "3.sdk", of_releases: bool = True) -> Api:
    """Every call carries the key and the variant of the API it is meant for; C(3.sdk) tells whether a release can be gone back to.

    What Heroku refuses with 422 is a release that is gone, unless C(of_releases) is off.
    """
    headers = {**bearer(options["api_key"]), "Accept": f"application/vnd.heroku+json; version={variant}"}
    kinds: dict[int, type[errors.RecoveryError]] = {} if of_releases else {422: errors.BadRequest}
    # When a limit ends is not said: calls are given back one by one, 75 a minute, so that waiting a second each time is right.
    return Api("Heroku", options["api_url"], headers, run, hints=HINTS, kinds=kinds)


def pages(api: Api, path: str, wanted: str = "") -> Iterator[list[Any]]:
    """A list page by page; C(wanted) is Heroku's C(Range), which orders it and says how long a page is."""
    while True:
        rows, headers = api.page(path, {"Range": wanted} if wanted else {})
        if not isinstance(rows, list):
            raise TypeError("a list was asked for")
        yield rows
        wanted = headers.get("Next-Range", "")
        if not wanted:
            return


def every(api: Api, path: str) -> list[Any]:
    """All rows of a list."""
    return [row for rows in pages(api, path) for row in rows]
