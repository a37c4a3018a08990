"""LaunchDarkly: semantic patches, environments that need approvals, and a service of its own that SDKs poll."""

from __future__ import annotations

import copy
import math
from typing import ClassVar

from sandbox.clock import iso, now_ms
from sandbox.emulator import Bucket, Call, Refusal, Route
from sandbox.flags import FlagVendor
from sandbox.state import Row

PROJECT = "shop"
SDK_KEYS = {"production": "sdk-sandbox-production", "regulated": "sdk-sandbox-regulated"}
REGULATED = "regulated"  # every change there has to be approved
SEMANTIC = "domain-model=launchdarkly.semanticpatch"
FEATURE = "feature"
"""What to break to have the shop's feature on."""
SHOP_FEATURE = "delivery-slots"
"""The flag of a feature that the shop has at its checkout; it is off, for the feature is not ready."""
CASH_ON_DELIVERY = "cash-on-delivery"
"""The flag of the shop's fallback when nobody can pay; it is off."""
# Flag -> what off serves (an index of true, false; or none), and the flags it needs.
FLAGS: dict[str, tuple[int | None, list[str]]] = {
    SHOP_FEATURE: (1, []),
    CASH_ON_DELIVERY: (1, []),
    "new-checkout": (1, []),
    "gift-cards": (1, ["new-checkout"]),
    "legacy-payments": (0, []),
    "undecided": (None, []),
}


def _flag(key: str, off: int | None, needs: list[str], at: int) -> Row:
    here = {
        "on": key not in (SHOP_FEATURE, CASH_ON_DELIVERY),
        "archived": False,
        "salt": "c2FsdA",
        "sel": "c2Vs",
        "lastModified": at,
        "version": 3,
        "targets": [],
        "rules": [],
        "fallthrough": {"variation": 0},
        "prerequisites": [{"key": needed, "variation": 0} for needed in needs],
        "trackEvents": False,
        "trackEventsFallthrough": False,
        **({} if off is None else {"offVariation": off}),
    }
    return {
        "key": key,
        "name": key.replace("-", " ").capitalize(),
        "kind": "boolean",
        "_version": 1,
        "creationDate": at,
        "variations": [{"_id": f"{key}-0", "value": True}, {"_id": f"{key}-1", "value": False}],
        "temporary": True,
        "tags": [],
        "experiments": {"baselineIdx": 0, "items": []},
        "customProperties": {},
        "archived": False,
        "environments": {place: copy.deepcopy(here) for place in SDK_KEYS},
    }


def _payload(flags: Row, place: str) -> Row:
    """What SDKs of an environment poll."""
    wanted = ("on", "version", "targets", "rules", "fallthrough", "offVariation", "prerequisites", "salt", "trackEvents")
    shown = {
        key: {
            "key": key,
            "variations": [variation["value"] for variation in flag["variations"]],
            **{name: value for name, value in flag["environments"][place].items() if name in wanted},
        }
        for key, flag in flags.items()
    }
    return {"flags": copy.deepcopy(shown), "segments": {}}


def _site(place: str, key: str) -> Row:
    return {"href": f"/{PROJECT}/{place}/features/{key}", "type": "text/html"}


def _shown(flag: Row, places: list[str]) -> Row:
    """A flag as the API writes it, in the environments that are asked for."""
    names = places or list(flag["environments"])
    here = {
        place: {**state, "_site": _site(place, flag["key"]), "_environmentName": place.capitalize()}
        for place, state in flag["environments"].items()
        if place in names
    }
    return {**flag, "_links": {"self": {"href": f"/api/v2/flags/{PROJECT}/{flag['key']}"}}, "environments": here}


def get_flag(vendor: LaunchDarkly, call: Call) -> Row:
    return _shown(vendor.flag(call), call.repeated("env"))


def patch_flag(vendor: LaunchDarkly, call: Call) -> Row:
    """Turn on or off; with `dryRun=true` say only how it would look."""
    flag, body = vendor.flag(call), call.body or {}
    kinds = [one.get("kind") for one in body.get("instructions", [])]
    if SEMANTIC not in call.headers.get("Content-Type", "") or not kinds or not set(kinds) <= {"turnFlagOn", "turnFlagOff"}:
        raise Refusal(400, "Invalid request body", "invalid_request")
    place = str(body.get("environmentKey"))
    if place not in flag["environments"]:
        raise Refusal(404, f"Unknown environment key: {place}", "not_found")
    if place == REGULATED:
        raise Refusal(405, "This environment requires approval for this change", "method_not_allowed")
    changed = copy.deepcopy(flag)
    here = changed["environments"][place]
    here.update(on=kinds[-1] == "turnFlagOn", version=here["version"] + 1, lastModified=now_ms())
    if call.query.get("dryRun") == "true":
        return _shown(changed, [])
    if vendor.state.fails_now(vendor.name):
        raise Refusal(409, "Conflict. Optimistic lock error. Try again later.", "optimistic_locking_error")
    vendor.rows["flags"][flag["key"]] = changed
    vendor.deliver(place)
    return _shown(changed, [])


def list_dependents(vendor: LaunchDarkly, call: Call) -> Row:
    if call.headers.get("LD-API-Version") != "beta":
        raise Refusal(403, "This endpoint requires the LD-API-Version header set to beta", "forbidden")
    key, place = vendor.flag(call)["key"], call.match["environmentKey"]
    needing = [
        flag
        for flag in vendor.rows["flags"].values()
        if any(needed["key"] == key for needed in flag["environments"].get(place, {}).get("prerequisites", []))
    ]
    items = [{"key": flag["key"], "name": flag["name"], "_links": {}, "_site": _site(place, flag["key"])} for flag in needing]
    return {"items": items, "_links": {}, "_site": _site(place, key)}


def poll(vendor: LaunchDarkly, call: Call) -> Row:
    """Everything, for the environment that the SDK key belongs to."""
    place = next(place for place, key in SDK_KEYS.items() if key == call.headers["Authorization"])
    delivered: Row = vendor.rows["delivered"][place]
    return delivered


def deliver(vendor: LaunchDarkly, place: str) -> None:
    vendor.rows["delivered"][place] = _payload(vendor.rows["flags"], place)


class LaunchDarkly(FlagVendor):
    """The API of app.launchdarkly.com as far as switching goes, and sdk.launchdarkly.com below `/sdk`."""

    name = "launchdarkly"
    tokens = ("sandbox-launchdarkly-token",)
    routes: ClassVar[list[Route]] = [
        ("GET", "/api/v2/flags/{projectKey}/{featureFlagKey}", get_flag),
        ("PATCH", "/api/v2/flags/{projectKey}/{featureFlagKey}", patch_flag),
        ("GET", "/api/v2/flags/{projectKey}/{environmentKey}/{featureFlagKey}/dependent-flags", list_dependents),
        ("GET", "/sdk/latest-all", poll),
    ]
    steps: ClassVar = {"deliver": deliver}

    @staticmethod
    def is_sdk(call: Call) -> bool:
        return call.path.startswith("/sdk/")

    def authorize(self, call: Call) -> None:
        given = call.headers.get("Authorization", "")
        if given not in (SDK_KEYS.values() if self.is_sdk(call) else self.tokens):
            raise Refusal(401, "Invalid access token", "unauthorized")

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {
            "X-Ratelimit-Route-Remaining": str(bucket.remaining),
            "X-Ratelimit-Reset": str(math.ceil(bucket.resets_at * 1000)),
        }

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "You've exceeded the API rate limit. Try again later.", "rate_limited")

    def error_body(self, refusal: Refusal) -> Row:
        return {"code": refusal.code, "message": refusal.message}

    @classmethod
    def history(cls, friday: int) -> Row:
        flags = {key: _flag(key, off, needs, friday) for key, (off, needs) in FLAGS.items()}
        return {"flags": flags, "delivered": {place: _payload(flags, place) for place in SDK_KEYS}}

    def switch_on(self, key: str, place: str) -> str | None:
        """Somebody switches it on at LaunchDarkly's own pages; when."""
        here, at = self.rows["flags"][key]["environments"][place], now_ms()
        here.update(on=True, version=here["version"] + 1, lastModified=at)
        self.deliver(place)
        return iso(at)

    def flag(self, call: Call) -> Row:
        flag = self.rows["flags"].get(call.match["featureFlagKey"])
        if call.match["projectKey"] != PROJECT or flag is None:
            raise Refusal(404, "Unknown flag key or project key", "not_found")
        found: Row = flag
        return found
