# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of add-ons: nobody else can change them, but a full rollback rewrites them. DATABASE_URL may go, or come back out of date."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.access import every


def variables(api: Api, path: str) -> set[str]:
    """Names of the variables that add-ons keep: the app's own, and those of other apps that are attached to it."""
    own = {name for addon in every(api, f"{path}/addons") for name in addon["config_vars"]}
    attached = (row for row in every(api, f"{path}/addon-attachments") if row["addon"]["app"]["id"] != row["app"]["id"])
    return own | {f"{row['name']}_URL" for row in attached}


def refuse_to_strip(api: Api, path: str, release_id: str) -> None:
    """Refused when the variables of that release lack one of today's add-ons, or have another value for it."""
    owned = variables(api, path)
    today = api.get(f"{path}/config-vars")
    then = api.get(f"{path}/releases/{release_id}/config-vars")
    gone = sorted(name for name in owned & set(today) if name not in then)
    stale = sorted(name for name in owned & set(today) & set(then) if today[name] != then[name])
    harm = [f"take {', '.join(gone)} away from the app"] * bool(gone) + [f"put an older value into {', '.join(stale)}"] * bool(stale)
    if harm:
        raise errors.Refused(
            f"going back to that release with its config vars would {' and '.join(harm)}",
            "Leave code_only on: the code goes back, today's config vars stay.",
        )
