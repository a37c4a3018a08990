# SPDX-License-Identifier: GPL-3.0-or-later
"""How a deployment at Convex is reached, through its API and by the vendor's own program."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.access import REPOSITORY

DEPLOYMENT: dict[str, Any] = {
    "deployment": {"type": "str", "required": True},
    "deploy_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["CONVEX_DEPLOY_KEY"])},
    "admin_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["CONVEX_SELF_HOSTED_ADMIN_KEY"])},
    "api_url": {"type": "str", "fallback": (env_fallback, ["CONVEX_SELF_HOSTED_URL"])},
}
OPTIONS: dict[str, Any] = {
    **DEPLOYMENT,
    "path": {"type": "str", "default": "."},
    "install": {"type": "str", "default": "npm ci"},
    "command": {"type": "str", "default": "npx convex deploy --yes"},
    **REPOSITORY,
}
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check CONVEX_DEPLOY_KEY (or CONVEX_SELF_HOSTED_ADMIN_KEY): it must be a key of this deployment.",
    errors.NotFound: "Check deployment, and api_url where it is given.",
}


@dataclass(frozen=True)
class Access:
    """Where the deployment answers, the key to it, and the same for the vendor's program, in its environment."""

    url: str
    key: str
    environment: dict[str, str]


def access(options: Options) -> Access:
    """Refused when keys are missing, or are those of another deployment."""
    deployment, deploy_key, admin_key, url = (options[name] for name in ("deployment", "deploy_key", "admin_key", "api_url"))
    if admin_key and url:
        return Access(url.rstrip("/"), admin_key, {"CONVEX_SELF_HOSTED_URL": url, "CONVEX_SELF_HOSTED_ADMIN_KEY": admin_key})
    if not deploy_key:
        raise errors.Refused(
            "missing required arguments: deploy_key, or admin_key and api_url of a deployment that you host yourself",
            "Give it, or set CONVEX_DEPLOY_KEY in the environment.",
        )
    named, separator, _secret = deploy_key.partition("|")
    kind, _colon, name = named.rpartition(":")
    if separator and (name != deployment or kind.startswith("preview")):
        raise errors.Refused(f"the deploy key is not one of {deployment}", "Give the deploy key of that deployment, from its settings.")
    return Access(url or f"https://{deployment}.convex.cloud", deploy_key, {"CONVEX_DEPLOY_KEY": deploy_key})


def api(options: Options, run: Run) -> Api:
    """Every call carries the key."""
    reached = access(options)
    return Api("Convex", f"{reached.url}/api/v1", {"Authorization": f"Convex {reached.key}"}, run, _explain, hints=HINTS)


def _explain(body: dict[str, Any]) -> str:
    return str(body.get("message") or body.get("code") or "")
