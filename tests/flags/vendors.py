"""Every flag module that the sandbox has a vendor for: adding one is adding a line to SWITCHES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import requests
from ansible_collections.lastgood.recovery.plugins.modules import flagsmith_flag, launchdarkly_flag, vercel_edge_config_item

from sandbox.flags.launchdarkly import SDK_KEYS
from sandbox.testing import Box
from sandbox.vercel import edge_config
from tests.flags.asking import ask

Options = dict[str, Any]


@dataclass(frozen=True)
class Switch:
    """A module on one flag of the sandbox, and what an application sees of it."""

    name: str
    vendor: str
    module: ModuleType
    options: Callable[[Box], Options]
    on: Options
    off: Options
    secret: str
    client_secret: str
    unknown: Options
    seen: Callable[[Box], Any]
    """What an SDK gets, asked without any code of the collection."""
    latency: str

    def __str__(self) -> str:
        return self.name

    def ask(self, box: Box, wish: Options, check: bool = False, **options: Any) -> dict[str, Any]:
        return ask(self.module, check, **{**self.options(box), **wish, **options})


def _launchdarkly(box: Box) -> Options:
    url, key = box.vendor_url("launchdarkly"), SDK_KEYS["production"]
    place = {"project": "shop", "environment": "production", "name": "new-checkout"}
    return {"api_url": url, "client_url": url, "token": "sandbox-launchdarkly-token", "sdk_key": key, **place}


def _flagsmith(environment: str) -> Callable[[Box], Options]:
    def options(box: Box) -> Options:
        url = f"{box.vendor_url('flagsmith')}/api/v1"
        return {"api_url": url, "token": "sandbox-flagsmith-token", "environment": environment, "name": "new_checkout"}

    return options


def _edge_config(box: Box) -> Options:
    url = box.vendor_url("vercel")
    tokens = {"token": "sandbox-vercel-token", "client_token": edge_config.READ_TOKEN}
    return {"api_url": url, "client_url": url, "team": "lastgood", "edge_config": edge_config.ID, "key": "new-checkout", **tokens}


def _polled(box: Box) -> Any:
    answer = requests.get(f"{box.vendor_url('launchdarkly')}/sdk/latest-all", headers={"Authorization": SDK_KEYS["production"]}, timeout=5)
    return answer.json()["flags"]["new-checkout"]["on"]


def _evaluated(environment: str) -> Callable[[Box], Any]:
    def seen(box: Box) -> Any:
        answer = requests.get(f"{box.vendor_url('flagsmith')}/api/v1/flags/", headers={"X-Environment-Key": environment}, timeout=5)
        return next(row["enabled"] for row in answer.json() if row["feature"]["name"] == "new_checkout")

    return seen


def _at_the_edge(box: Box) -> Any:
    url = f"{box.vendor_url('vercel')}/{edge_config.ID}/item/new-checkout"
    answer = requests.get(url, headers={"Authorization": f"Bearer {edge_config.READ_TOKEN}"}, timeout=5)
    return {"state": "present", "value": answer.json()} if answer.ok else {"state": "absent", "value": None}


SWITCHES = [
    Switch(
        name="launchdarkly",
        vendor="launchdarkly",
        module=launchdarkly_flag,
        options=_launchdarkly,
        on={"enabled": True},
        off={"enabled": False},
        secret="token",
        client_secret="sdk_key",
        unknown={"name": "nothing"},
        seen=_polled,
        latency="launchdarkly.deliver",
    ),
    *(
        Switch(
            name=name,
            vendor="flagsmith",
            module=flagsmith_flag,
            options=_flagsmith(environment),
            on={"enabled": True},
            off={"enabled": False},
            secret="token",
            client_secret="",
            unknown={"name": "nothing"},
            seen=_evaluated(environment),
            latency="flagsmith.deliver",
        )
        for name, environment in (("flagsmith", "sandboxProduction"), ("flagsmith-versioned", "sandboxVersioned"))
    ),
    Switch(
        name="edge-config",
        vendor="vercel",
        module=vercel_edge_config_item,
        options=_edge_config,
        on={"value": True},
        off={"value": False},
        secret="token",
        client_secret="client_token",
        unknown={"edge_config": "ecfg_nothing"},
        seen=_at_the_edge,
        latency="vercel.edge",
    ),
    Switch(
        name="edge-config-removed",
        vendor="vercel",
        module=vercel_edge_config_item,
        options=_edge_config,
        on={"value": True},
        off={"state": "absent"},
        secret="token",
        client_secret="client_token",
        unknown={"edge_config": "ecfg_nothing"},
        seen=_at_the_edge,
        latency="vercel.edge",
    ),
]
