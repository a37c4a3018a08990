# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of all targets as Ansible works them out, which only the controller can."""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.vars import load_extra_vars
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.relations import Unresolved
from ansible_collections.lastgood.recovery.plugins.module_utils.json_schema import Unread


def resolved(variables: Mapping[str, Any], names: Iterable[str], loader: Any) -> dict[str, dict[str, Any]]:
    """By target, the values of those of C(names) that its inventory gives; Unread for what is in a vault that is closed.

    What C(-e) says instead is somebody's present wish and no mistake of the inventory.
    """
    wished = load_extra_vars(loader)
    names = [name for name in names if name not in wished]
    hosts = {name: variables["hostvars"][name] for name in variables["groups"]["all"]}
    return {name: {one: _value(host, one) for one in names if one in host} for name, host in hosts.items()}


def _value(host: Any, name: str) -> Any:
    try:
        return json.loads(json.dumps(host[name], default=str))
    except AnsibleError as error:
        return Unread() if "vault" in str(error).lower() else Unresolved(_reason(error))


def _reason(error: AnsibleError) -> str:
    """The innermost one, on one line: what surrounds it quotes the whole expression."""
    innermost: BaseException = error
    while innermost.__cause__ is not None:
        innermost = innermost.__cause__
    return " ".join(str(getattr(innermost, "message", innermost)).split())
