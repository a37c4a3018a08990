# SPDX-License-Identifier: GPL-3.0-or-later
"""Vercel Edge Config: items are changed through the API of Vercel and read from another host, which follows within seconds."""
from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from ansible.module_utils.common.parameters import AnsibleFallbackNotFound
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import rows
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel import access
from ansible_collections.lastgood.recovery.plugins.module_utils.setting import WAITING, Setting, settle
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor


def config_of_environment() -> str:
    """The id in EDGE_CONFIG, the connection string (C(https://edge-config.vercel.com/ecfg_…?token=…)) that Vercel gives to applications."""
    return _found(urlsplit(os.environ.get("EDGE_CONFIG", "")).path.strip("/"))


def token_of_environment() -> str:
    """The read token in EDGE_CONFIG."""
    return _found("".join(parse_qs(urlsplit(os.environ.get("EDGE_CONFIG", "")).query).get("token", [])))


def _found(value: str) -> str:
    if not value:
        raise AnsibleFallbackNotFound
    return value


OPTIONS: dict[str, Any] = {
    **{name: option for name, option in access.OPTIONS.items() if name != "project"},
    "edge_config": {"type": "str", "required": True, "fallback": (config_of_environment,)},
    "client_token": {"type": "str", "no_log": True, "fallback": (token_of_environment,)},
    "client_url": {"type": "str", "default": "https://edge-config.vercel.com"},
}
ITEM: dict[str, Any] = {
    "key": {"type": "str", "required": True, "no_log": False},
    "value": {"type": "raw"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
HINTS: dict[type[errors.RecoveryError], str] = {
    **access.HINTS,
    errors.NotFound: "Check edge_config (ecfg_…) and team: an Edge Config is only found under the team that owns it.",
    errors.Conflict: "Somebody else is changing this Edge Config; run the same command again.",
}
CLIENT_HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check client_token: it must be a read token of this Edge Config.",
    errors.NotFound: "Check client_url and client_token: applications do not get this Edge Config with them.",
}


class Item(Setting):
    """A value is a dictionary of C(state) and C(value), as the module's options are, so that what was there can be put back."""

    def __init__(self, options: Options, run: Run) -> None:
        self.key, config = options["key"], options["edge_config"]
        self.label = f"Edge Config item {self.key}"
        self.path = f"/v1/edge-config/{quote(config, safe='')}/items"
        self.dashboard = f"https://vercel.com/{options['team'] or '~'}/~/stores/edge-config/{quote(config, safe='')}/items"
        self.api = access.api(options, run)
        self.api.hints = HINTS
        self.client = None
        if options["client_token"]:
            client_url, header = f"{options['client_url'].rstrip('/')}/{quote(config, safe='')}", bearer(options["client_token"])
            self.client = Api("Vercel's edge", client_url, header, run, self.api.explain, self.api.reset, CLIENT_HINTS)

    def read(self) -> Result:
        # One item is answered with 404 both when it and when the whole Edge Config does not exist.
        return _state({row["key"]: row["value"] for row in rows(self.api.get(self.path))}, self.key)

    def write(self, value: Any) -> None:
        change = {"operation": "upsert", "value": value["value"]} if value["state"] == "present" else {"operation": "delete"}
        self.api.send("PATCH", self.path, {"items": [{**change, "key": self.key}]})

    def seen(self) -> Result | None:
        return None if self.client is None else _state(self.client.get("/items", version=1, key=self.key), self.key)


VENDOR = Vendor(name="vercel", place="edge_config", options=OPTIONS, parts={"items": Item})


def _settle(options: Options, run: Run) -> Result:
    wanted = _state({options["key"]: options["value"]} if options["state"] == "present" else {}, options["key"])
    return settle(VENDOR.connect("items", options, run), wanted, options, run)


OPERATION = Operation(
    arguments={**VENDOR.arguments_of("items"), **ITEM, **WAITING},
    perform=_settle,
    rules={"required_if": [("state", "present", ("value",))]},
)


def _state(items: dict[str, Any], key: str) -> Result:
    return {"state": "present" if key in items else "absent", "value": items.get(key)}
