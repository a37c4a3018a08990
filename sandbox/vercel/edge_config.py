"""Edge Config: items that are changed through the API, and read by applications from the edge, which follows a little later."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sandbox.clock import now_ms
from sandbox.emulator import Call, Refusal, Reply, Route
from sandbox.state import Row
from sandbox.vercel.book import TEAM

if TYPE_CHECKING:
    from sandbox.vercel import Vercel

ID = "ecfg_sandboxshop"
READ_TOKEN = "sandbox-edge-config-token"
_SEEDED: Row = {"new-checkout": True, "banner": {"text": "Free delivery", "tone": "calm"}}
_OPERATIONS = ("create", "update", "upsert", "delete")
LATENCY = 2.0  # seconds until the edge has it


def history(friday: int) -> Row:
    """The only Edge Config, by its id: items as the API has them, and what the edge has."""
    items = {key: {"value": value, "createdAt": friday, "updatedAt": friday} for key, value in _SEEDED.items()}
    return {ID: {"items": items, "edge": dict(_SEEDED), "createdAt": friday, "updatedAt": friday}}


def is_read(call: Call) -> bool:
    """Whether an application asks the edge, which is another host at Vercel and the same port here."""
    return call.path.startswith("/ecfg_")


def authorize_read(call: Call) -> None:
    if READ_TOKEN not in (call.bearer, call.query.get("token")):
        raise Refusal(401, "Unauthorized", "unauthorized")


def _config(vercel: Vercel, call: Call) -> Row:
    config: Row | None = vercel.state.data["vercel"]["edgeConfigs"].get(call.match["edgeConfigId"])
    if config is None:
        raise Refusal(404, "The edge config was not found", "edge_config_not_found")
    return config


def _item(key: str, item: Row) -> Row:
    return {"key": key, **item, "edgeConfigId": ID}


def get_config(vercel: Vercel, call: Call) -> Row:
    config = _config(vercel, call)
    about = {name: config[name] for name in ("createdAt", "updatedAt")}
    size = len(json.dumps({key: item["value"] for key, item in config["items"].items()}))
    return {"id": ID, "slug": "shop", "ownerId": TEAM["id"], "digest": "0", "itemCount": len(config["items"]), "sizeInBytes": size, **about}


def list_items(vercel: Vercel, call: Call) -> list[Row]:
    return [_item(key, item) for key, item in _config(vercel, call)["items"].items()]


def get_item(vercel: Vercel, call: Call) -> Row:
    key, items = call.match["edgeConfigItemKey"], _config(vercel, call)["items"]
    if key not in items:
        raise Refusal(404, "The edge config item was not found", "edge_config_item_not_found")
    return _item(key, items[key])


def patch_items(vercel: Vercel, call: Call) -> Row:
    """All of them or none."""
    config, now = _config(vercel, call), now_ms()
    items = dict(config["items"])
    for change in (call.body or {}).get("items", []):
        key, operation = change.get("key", ""), change.get("operation")
        if operation not in _OPERATIONS or not re.fullmatch(r"[\w-]{1,256}", key) or ("value" not in change and operation != "delete"):
            raise Refusal(400, "Invalid request: `items` is wrong.", "bad_request")
        if (operation == "create") == (key in items) and operation != "upsert":
            raise Refusal(409, f"The item {key} {'exists' if key in items else 'does not exist'}", "edge_config_item_conflict")
        if operation == "delete":
            del items[key]
        else:
            items[key] = {"createdAt": now, **items.get(key, {}), "value": change["value"], "updatedAt": now}
    config.update(items=items, updatedAt=now)
    vercel.state.later(vercel.state.latency("vercel.edge"), "vercel.edge", call.match["edgeConfigId"])
    return {"status": "ok"}


def follow(vercel: Vercel, id: str) -> None:
    """The edge gets what the API has."""
    config = vercel.state.data["vercel"]["edgeConfigs"][id]
    config["edge"] = {key: item["value"] for key, item in config["items"].items()}


def read_items(vercel: Vercel, call: Call) -> Row:
    """What an application gets: every item, or those named with `key`."""
    edge, wanted = _config(vercel, call)["edge"], call.repeated("key")
    return {key: value for key, value in edge.items() if not wanted or key in wanted}


def read_item(vercel: Vercel, call: Call) -> Reply:
    """The digest tells an SDK that only the item is missing, not the whole Edge Config."""
    edge, key = _config(vercel, call)["edge"], call.match["key"]
    digest = {"x-edge-config-digest": "0"}
    if key not in edge:
        missing = Refusal(404, "The edge config item was not found", "edge_config_item_not_found")
        return Reply(404, vercel.error_body(missing), digest)
    return Reply(200, json.dumps(edge[key]), {**digest, "Content-Type": "application/json"})


STEPS = {"edge": follow}
_CONFIG = "/v1/edge-config/{edgeConfigId}"
ROUTES: list[Route] = [
    ("GET", _CONFIG, get_config),
    ("GET", f"{_CONFIG}/items", list_items),
    ("PATCH", f"{_CONFIG}/items", patch_items),
    ("GET", f"{_CONFIG}/item/{{edgeConfigItemKey}}", get_item),
]
READS: list[Route] = [
    ("GET", "/{edgeConfigId}/items", read_items),
    ("GET", "/{edgeConfigId}/item/{key}", read_item),
]
