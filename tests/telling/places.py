"""Every kind of channel with where it tells: adding one is adding a line to PLACES."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from ansible_collections.lastgood.recovery.plugins.module_utils.flags import launchdarkly
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Channel
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import KINDS

from sandbox.flags.launchdarkly import SDK_KEYS
from sandbox.telling import better_stack, instatus, pagerduty, statuspage
from sandbox.testing import Box
from sandbox.vercel import edge_config
from tests.telling.messages import UNDONE

Options = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A channel in the sandbox, and what is to be read there."""

    name: str
    kind: str
    vendor: str
    options: Callable[[str], Options]
    """With the vendor behind this address."""
    wrong: Callable[[str], Options]
    """The same with a token that is none."""
    hint: str
    """The option that a refusal names."""
    texts: Callable[[Box], list[str]]
    """What was told, oldest first."""
    incidents: Callable[[Box], int]
    """How many incidents people see there."""
    over: Callable[[Box], bool]
    """Whether everything is as it is without an incident."""
    secret: str
    keeps: bool = True
    """Whether everything that was told stays to be read there; else the newest, or no text at all."""
    texted: bool = True
    before: Callable[[Box], None] = lambda box: None
    """Makes everything as it is without an incident."""

    def __str__(self) -> str:
        return self.name

    def channel(self, url: str, **options: Any) -> Channel:
        return KINDS[self.kind]({"name": f"the {self.name}", "kind": self.kind, **self.options(url), **options})


def _data(box: Box, vendor: str) -> Any:
    return box.state()[vendor]


def _statuspage_texts(box: Box) -> list[str]:
    incidents = _data(box, "statuspage")["incidents"].values()
    return [update["body"] for row in incidents for update in reversed(row["incident_updates"])]


def _calm(vendor: str, status: str) -> Callable[[Box], bool]:
    return lambda box: {row["status"] for row in _data(box, vendor)["components"].values()} == {status}


def _instatus_texts(box: Box) -> list[str]:
    return [update["message"] for row in _data(box, "instatus")["incidents"].values() for update in row["updates"]]


def _reports(box: Box) -> list[Any]:
    return list(_data(box, "better_stack")["reports"].values())


def _alerts(box: Box) -> list[Any]:
    alerts: list[Any] = _data(box, "pagerduty")["alerts"]
    return alerts


def _item(box: Box) -> Any:
    url = f"{box.vendor_url('vercel')}/{edge_config.ID}/item/banner"
    return requests.get(url, headers={"Authorization": f"Bearer {edge_config.READ_TOKEN}"}, timeout=5).json()


def _flag(box: Box) -> bool:
    answer = requests.get(f"{box.vendor_url('launchdarkly')}/sdk/latest-all", headers={"Authorization": SDK_KEYS["production"]}, timeout=5)
    return bool(answer.json()["flags"]["gift-cards"]["on"])


def _flag_off(box: Box) -> None:
    url = f"{box.vendor_url('launchdarkly')}/api/v2/flags/shop/gift-cards"
    headers = {"Authorization": "sandbox-launchdarkly-token", "Content-Type": launchdarkly.SEMANTIC_PATCH}
    change = json.dumps({"environmentKey": "production", "instructions": [{"kind": "turnFlagOff"}]})
    assert requests.patch(url, change, headers=headers, timeout=5).ok


def _edge(url: str, token: str = "sandbox-vercel-token") -> Options:
    return {
        "through": "edge_config",
        "setting": {"api_url": url, "team": "lastgood", "edge_config": edge_config.ID, "key": "banner", "token": token},
    }


def _launchdarkly(url: str, token: str = "sandbox-launchdarkly-token") -> Options:
    setting = {"api_url": url, "project": "shop", "environment": "production", "name": "gift-cards", "token": token}
    return {"through": "launchdarkly", "setting": setting}


def _flagsmith(url: str, token: str = "sandbox-flagsmith-token") -> Options:
    setting = {"api_url": f"{url}/api/v1", "environment": "sandboxProduction", "name": "new_checkout", "token": token}
    return {"through": "flagsmith", "setting": setting}


def _feature(box: Box) -> bool:
    url = f"{box.vendor_url('flagsmith')}/api/v1/flags/"
    rows = requests.get(url, headers={"X-Environment-Key": "sandboxProduction"}, timeout=5).json()
    return any(row["enabled"] for row in rows if row["feature"]["name"] == "new_checkout")


def _feature_off(box: Box) -> None:
    """As at the end of another incident."""
    KINDS["banner"]({"name": "earlier", **_flagsmith(box.vendor_url("flagsmith"))}).tell(UNDONE, {})


NOBODY = "nobody-knows-this-token"
PLACES = [
    Place(
        name="statuspage",
        kind="statuspage",
        vendor="statuspage",
        options=lambda url: {
            "api_url": url,
            "page": statuspage.PAGE,
            "token": "sandbox-statuspage-key",
            "components": {"storefront": "cmp-storefront", "api": "cmp-api"},
        },
        wrong=lambda url: {"token": NOBODY},
        hint="token",
        texts=_statuspage_texts,
        incidents=lambda box: len(_data(box, "statuspage")["incidents"]),
        over=_calm("statuspage", "operational"),
        secret="sandbox-statuspage-key",
    ),
    Place(
        name="instatus",
        kind="instatus",
        vendor="instatus",
        options=lambda url: {
            "api_url": url,
            "page": instatus.PAGE,
            "token": "sandbox-instatus-key",
            "components": {"storefront": "ins-storefront", "api": "ins-api"},
        },
        wrong=lambda url: {"token": NOBODY},
        hint="token",
        texts=_instatus_texts,
        incidents=lambda box: len(_data(box, "instatus")["incidents"]),
        over=_calm("instatus", "OPERATIONAL"),
        secret="sandbox-instatus-key",
    ),
    Place(
        name="better stack",
        kind="better_stack",
        vendor="better_stack",
        options=lambda url: {
            "api_url": url,
            "page": better_stack.PAGE,
            "token": "sandbox-better-stack-token",
            "components": {"storefront": 2001, "api": "2002"},
        },
        wrong=lambda url: {"token": NOBODY},
        hint="token",
        texts=lambda box: [update["attributes"]["message"] for row in _reports(box) for update in row["updates"]],
        incidents=lambda box: len(_reports(box)),
        over=lambda box: all(row["ends_at"] for row in _reports(box)),
        secret="sandbox-better-stack-token",
    ),
    Place(
        name="pagerduty",
        kind="pagerduty",
        vendor="pagerduty",
        options=lambda url: {"api_url": url, "routing_key": pagerduty.ROUTING_KEY},
        wrong=lambda url: {"routing_key": NOBODY},
        hint="routing_key",
        texts=lambda box: [one["payload"]["summary"] for row in _alerts(box) for one in row["log"] if one["payload"]],
        incidents=lambda box: len(_alerts(box)),
        over=lambda box: all(row["status"] == "resolved" for row in _alerts(box)),
        secret=pagerduty.ROUTING_KEY,
        keeps=False,
    ),
    Place(
        name="banner in an Edge Config",
        kind="banner",
        vendor="vercel",
        options=_edge,
        wrong=lambda url: _edge(url, NOBODY),
        hint="token",
        texts=lambda box: [_item(box)["text"]] if "lastgood" in _item(box) else [],
        incidents=lambda box: int("lastgood" in _item(box)),
        over=lambda box: _item(box) == {"text": "Free delivery", "tone": "calm"},
        secret="sandbox-vercel-token",
        keeps=False,
    ),
    Place(
        name="banner behind a flag",
        kind="banner",
        vendor="launchdarkly",
        options=_launchdarkly,
        wrong=lambda url: _launchdarkly(url, NOBODY),
        hint="token",
        texts=lambda box: [],
        incidents=lambda box: int(_flag(box)),
        over=lambda box: not _flag(box),
        secret="sandbox-launchdarkly-token",
        keeps=False,
        texted=False,
        before=_flag_off,
    ),
    Place(
        name="banner behind a feature of Flagsmith",
        kind="banner",
        vendor="flagsmith",
        options=_flagsmith,
        wrong=lambda url: _flagsmith(url, NOBODY),
        hint="flagsmith_master_api_key",
        texts=lambda box: [],
        incidents=lambda box: int(_feature(box)),
        over=lambda box: not _feature(box),
        secret="sandbox-flagsmith-token",
        keeps=False,
        texted=False,
        before=_feature_off,
    ),
]
