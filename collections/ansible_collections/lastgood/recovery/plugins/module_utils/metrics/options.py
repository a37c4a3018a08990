# SPDX-License-Identifier: GPL-3.0-or-later
"""What a metric is, and how each source is reached."""
from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import OPTIONS as AWS

CLOUDWATCH: dict[str, Any] = {
    "namespace": {"type": "str"},
    "metric_name": {"type": "str"},
    "dimensions": {"type": "dict", "default": {}},
    "percent_of": {"type": "str"},
    "missing_is_zero": {"type": "bool", "default": False},
    "weighted_by": {"type": "str"},
    "min_count": {"type": "float", "default": 1},
}


def _connection(url: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "dict", "apply_defaults": True, "options": {"url": url, **more}}


def _address(variable: str, usual: str | None = None) -> dict[str, Any]:
    return {"type": "str", "fallback": (env_fallback, [variable]), **({"default": usual} if usual else {})}


def _secret(variable: str) -> dict[str, Any]:
    return {"type": "str", "no_log": True, "fallback": (env_fallback, [variable])}


METRIC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "source": {"type": "str", "required": True, "choices": ["prometheus", "sentry", "datadog", "cloudwatch"]},
    "at_least": {"type": "float", "aliases": ["min"]},
    "at_most": {"type": "float", "aliases": ["max"]},
    "unit": {"type": "str", "default": ""},
    "window": {"type": "int", "default": 5},
    "query": {"type": "str"},
    "sample": {"type": "str"},
    "max_age": {"type": "float", "default": 180},
    "statistic": {"type": "str", "default": "Average"},
    "dataset": {"type": "str", "default": "errors", "choices": ["errors", "spans", "logs"]},
    "y_axis": {"type": "str", "default": "count()"},
    "project": {"type": "list", "elements": "str", "default": []},
    "environment": {"type": "list", "elements": "str", "default": []},
    **CLOUDWATCH,
}
ARGUMENTS: dict[str, Any] = {
    "metrics": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": METRIC,
        "required_one_of": [["at_least", "at_most"]],
        "required_if": [
            ["source", "prometheus", ["query"]],
            ["source", "datadog", ["query"]],
            ["source", "cloudwatch", ["namespace", "metric_name"]],
        ],
    },
    "sources": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            "prometheus": _connection(
                _address("PROMETHEUS_URL"),
                username={"type": "str", "fallback": (env_fallback, ["PROMETHEUS_USERNAME"])},
                password=_secret("PROMETHEUS_PASSWORD"),
                token=_secret("PROMETHEUS_TOKEN"),
                tenant={"type": "str"},
            ),
            "sentry": _connection(
                _address("SENTRY_URL", "https://sentry.io"),
                organization={"type": "str", "fallback": (env_fallback, ["SENTRY_ORG"])},
                token=_secret("SENTRY_AUTH_TOKEN"),
            ),
            "datadog": _connection(
                _address("DD_API_URL", "https://api.datadoghq.com"),
                api_key=_secret("DD_API_KEY"),
                app_key=_secret("DD_APP_KEY"),
            ),
            "cloudwatch": {"type": "dict", "apply_defaults": True, "options": AWS},
        },
    },
    "incident": {"type": "dict"},
    "since": {"type": "str"},
    "answer_within": {"type": "float", "default": 20},
    "timeout": {"type": "float", "default": 0},
    "poll": {"type": "float", "default": 15},
    "looks": {"type": "int", "default": 1},
    "pause": {"type": "float", "default": 0},
    "phase": {"type": "str"},
    "fail": {"type": "bool", "default": False},
}
