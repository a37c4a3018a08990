# SPDX-License-Identifier: GPL-3.0-or-later
"""How a site at Netlify is reached."""
from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

VERSION = "/api/v1"
OPTIONS: dict[str, Any] = {
    "token": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["NETLIFY_AUTH_TOKEN"])},
    "site": {"type": "str", "required": True, "fallback": (env_fallback, ["NETLIFY_SITE_ID"])},
    "api_url": {"type": "str", "default": f"https://api.netlify.com{VERSION}", "fallback": (env_fallback, ["NETLIFY_API_URL"])},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check NETLIFY_AUTH_TOKEN: it must be valid, and its owner must be a member of the team that owns the site.",
    errors.NotFound: "Check the site's id, or its domain; a deploy is only found under its own site.",
    errors.NotRestorable: "Netlify deletes deploys after the days that the plan allows; name a newer release.",
    errors.Conflict: "Somebody else may be publishing; run the same command again.",
}


def api(options: Options, run: Run) -> Api:
    """Every call carries the token. As for Netlify's own command line, an address without a path means the first version."""
    url = options["api_url"].rstrip("/")
    return Api("Netlify", url if urlsplit(url).path else url + VERSION, bearer(options["token"]), run, reset=_reset, hints=HINTS)


def _reset(response: Any) -> float | None:
    """Seconds until the limit resets; Netlify's header is an epoch, in seconds."""
    try:
        return float(response.headers["X-RateLimit-Reset"]) - time.time()
    except (KeyError, ValueError):
        return None
