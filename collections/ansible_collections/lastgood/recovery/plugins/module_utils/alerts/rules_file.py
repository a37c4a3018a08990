# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory's alerts as rules of Prometheus: the same limits, durations and names."""
from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rule import CONDITIONS, RULE, Rule, distinct, limit, promql
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.files import replace
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

if TYPE_CHECKING:
    import yaml
else:
    yaml = library("yaml")

HEAD = """---
# The alerts of {environment}, written by playbooks/alert-rules.yml: change them in the inventory, and write this anew.
"""
LONG = 70
ARGUMENTS: dict[str, Any] = {
    "alerts": {"type": "list", "elements": "dict", "required": True, "options": RULE, **CONDITIONS},
    "environment_name": {"type": "str", "required": True},
    "dest": {"type": "path", "required": True},
    "window": {"type": "float", "default": 60},
    "probe": {"type": "float", "default": 15},
    "faster": {"type": "float", "default": 1},
}


def write(options: Options, run: Run) -> Result:
    """The file as it is to be, on disk."""
    distinct(options["alerts"])
    path, environment = Path(options["dest"]), options["environment_name"]
    if not path.parent.is_dir():
        raise Refused(f"there is no directory {path.parent}", "Make it first.")
    rules = [as_rule(rule, environment, options["window"], options["probe"], options["faster"]) for rule in options["alerts"]]
    groups = {"groups": [{"name": f"lastgood {environment}", "rules": rules}]}
    text = HEAD.format(environment=environment) + _written(groups)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if before != text and not run.check:
        replace(path, text.encode())
    return {
        "changed": before != text,
        "diff": {"before": before, "after": text},
        "summary": f"{len(rules)} rules{'' if before != text else ' already'} in {path}",
    }


def as_rule(rule: Rule, environment: str, window: float, probe: float, faster: float) -> dict[str, Any]:
    """One rule; of a health check it takes C(probe_success) of the blackbox exporter, asked every C(probe) seconds."""
    if rule["health"]:
        expression = _in_a_row(rule, probe)
    elif rule["over"] is not None:
        expression = f"{promql(rule, lasting(window))} > {rule['over']:g}"
    else:
        expression = f"{promql(rule, lasting(window))} < {rule['under']:g}"
    return {
        "alert": rule["name"],
        "expr": expression,
        **({"for": lasting(rule["for"] / faster)} if rule["for"] else {}),
        "labels": {"environment": environment, "lastgood": "respond"},
        "annotations": {"summary": f"{rule['name']} {limit(rule)}"},
    }


def _written(groups: dict[str, Any]) -> str:
    """As a linter likes it: lists are indented below their key, and long expressions folded."""

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

    Dumper.add_representer(
        str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style=">" if len(text) > LONG else None)
    )
    return yaml.dump(groups, Dumper=Dumper, sort_keys=False, width=LONG, allow_unicode=True)


def _in_a_row(rule: Rule, probe: float) -> str:
    """Beyond the limit there is no success among that many probes, and as many there were."""
    most = int(rule["over"] if rule["over"] is not None else rule["under"])
    urls = "|".join(re.escape(url).replace("\\", "\\\\") for url in rule["health"])
    asked = f'probe_success{{instance=~"{urls}"}}[{lasting((most + 1) * probe)}]'
    return f"max_over_time({asked}) == 0 and count_over_time({asked}) > {most}"


def lasting(seconds: float) -> str:
    """As Prometheus writes it: C(60s), C(5m), C(1500ms)."""
    if seconds != int(seconds):
        return f"{round(seconds * 1000)}ms"
    return f"{int(seconds // 60)}m" if seconds >= 60 and not seconds % 60 else f"{int(seconds)}s"


RULES = Operation(ARGUMENTS, write)
