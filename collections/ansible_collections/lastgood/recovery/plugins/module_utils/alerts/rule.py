# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule may say, whether a value is beyond it, and the same rule as Prometheus has it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.reading import number
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

Rule = Mapping[str, Any]
"""One entry of the inventory's C(alerts)."""
RULE: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "series": {"type": "str"},
    "of": {"type": "str"},
    "quantile": {"type": "float"},
    "query": {"type": "str"},
    "health": {"type": "list", "elements": "str"},
    "over": {"type": "float"},
    "under": {"type": "float"},
    "unit": {"type": "str", "default": ""},
    "for": {"type": "float", "default": 0},
    "fact": {"type": "str"},
    "scenarios": {"type": "list", "elements": "str", "default": []},
}
CONDITIONS: dict[str, Any] = {
    "mutually_exclusive": [["series", "query", "health"], ["over", "under"], ["of", "quantile"]],
    "required_one_of": [["series", "query", "health"], ["over", "under"]],
    "required_by": {"of": ["series"], "quantile": ["series"]},
}
"""What goes with what, as Ansible checks it."""


def distinct(rules: list[Rule]) -> None:
    """Refused where there is none, or two cannot be told apart."""
    names = [rule["name"] for rule in rules]
    if not names:
        raise Refused("there are no alerts", "Write some into the inventory's alerts: docs/drills.md.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(f"two alerts are called {twice[0]}", "Give every alert a name of its own.")


def beyond(rule: Rule, value: float) -> bool:
    """Whether the value is on the wrong side of the limit."""
    return bool(value > rule["over"] if rule["over"] is not None else value < rule["under"])


def limit(rule: Rule) -> str:
    """C(over 10 %), or C(under 80 % for 10 min)."""
    side, most = ("over", rule["over"]) if rule["over"] is not None else ("under", rule["under"])
    lasting = f" for {span(rule['for'])}" if rule["for"] else ""
    return f"{side} {number(most)}{rule['unit']}{lasting}"


def shown(rule: Rule, value: float) -> str:
    return f"{number(value)}{rule['unit']}"


def promql(rule: Rule, window: str) -> str:
    """The query that gives the rule's value as one number; C(window) is as Prometheus writes it, C(60s)."""
    series, of, quantile = rule["series"], rule["of"], rule["quantile"]
    if rule["query"]:
        return str(rule["query"]).replace("$window", window)
    if quantile is not None:
        return f"histogram_quantile({quantile}, sum by (le) (rate({series}[{window}])))"
    if of:
        return f"100 * sum(rate({series}[{window}])) / sum(rate({of}[{window}]))"
    return f"max({series})"
