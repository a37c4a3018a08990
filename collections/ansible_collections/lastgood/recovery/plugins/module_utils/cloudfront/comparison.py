# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations compared: lists without order, but where CloudFront gives it a meaning; what is empty or off as if it were not there."""
from __future__ import annotations

import json
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import fingerprint

ORDERED = ("CacheBehaviors", "Members")
"""The first behaviour whose path fits is taken, and the first member of a group is its primary origin."""
NAMES = ("Id", "PathPattern", "EventType", "ErrorCode", "HeaderName", "OriginId", "Name")
"""What tells the items of a list apart."""
SECRET = "HeaderValue"
"""What origins are sent, often to prove that it was CloudFront who asked."""

Flat = dict[str, Any]


def flat(config: dict[str, Any]) -> Flat:
    """Every value by its path, such as C(DefaultCacheBehavior.LambdaFunctionAssociations[origin-request].LambdaFunctionARN)."""
    found: Flat = {}
    _flatten(config, "", "", found)
    return found


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return flat(one) == flat(other)


def differences(before: dict[str, Any], after: dict[str, Any], key: bytes) -> dict[str, Flat]:
    """C(before) and C(after), each with the values that differ; secrets are fingerprints that C(key) makes."""
    old, new = flat(before), flat(after)
    paths = sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
    return {
        "before": {path: _shown(path, old, key) for path in paths},
        "after": {path: _shown(path, new, key) for path in paths},
    }


def shown(config: dict[str, Any], key: bytes) -> Any:
    """The configuration itself, its secrets as fingerprints."""
    if isinstance(config, dict):
        return {name: fingerprint(key, name, value) if name == SECRET else shown(value, key) for name, value in config.items()}
    return [shown(one, key) for one in config] if isinstance(config, list) else config


def _shown(path: str, values: Flat, key: bytes) -> Any:
    if path not in values:
        return "absent"
    return fingerprint(key, SECRET, values[path]) if path.rpartition(".")[2] == SECRET else values[path]


def _flatten(value: Any, path: str, parent: str, found: Flat) -> None:
    if isinstance(value, dict):
        for name, inside in value.items():
            if name == "Items":
                _items(inside or [], path, parent, found)
            elif name != "Quantity":
                _flatten(inside, f"{path}.{name}" if path else name, name, found)
    elif isinstance(value, list):
        _items(value, path, parent, found)
    elif value not in (None, "", False):
        found[path] = value


def _items(items: list[Any], path: str, parent: str, found: Flat) -> None:
    names = [_name(item) for item in items]
    if all(isinstance(item, dict) for item in items) and len(set(names)) == len(names):
        for name, item in zip(names, items, strict=True):
            found[f"{path}[{name}]"] = "present"
            _flatten(item, f"{path}[{name}]", "", found)
        if parent in ORDERED and items:
            found[f"{path} in order"] = names
    elif items:
        inside = [flat(item) if isinstance(item, dict) else item for item in items]
        found[path] = inside if parent in ORDERED else sorted(inside, key=lambda item: json.dumps(item, sort_keys=True))


def _name(item: Any) -> str:
    return next((str(item[name]) for name in NAMES if name in item), "") if isinstance(item, dict) else str(item)
