# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rolling release module does: look, ask for the next step, and look again until it is so."""
from __future__ import annotations

import time
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.releases import Vercel
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.rolling import newest
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.rolling_standing import Stage, Standing
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.rolling_wishes import WISHES, Wish
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import clock

ARGUMENTS: dict[str, Any] = {
    "state": {"type": "str", "required": True, "choices": list(WISHES)},
    "deployment": {"type": "str"},
    "percentage": {"type": "int"},
    "stages": {
        "type": "list",
        "elements": "dict",
        "options": {
            "percentage": {"type": "int", "required": True},
            "minutes": {"type": "int"},
            "linear": {"type": "bool", "default": False},
        },
    },
    "timeout": {"type": "float", "default": 600},
    "poll": {"type": "float", "default": 2},
}
RULES: dict[str, Any] = {
    "required_if": [
        ("state", "configured", ("stages",)),
        ("state", "started", ("deployment",)),
        ("state", "advanced", ("deployment", "percentage")),
        ("state", "completed", ("deployment",)),
    ]
}
ATTEMPTS = 3
"""How often a step is asked for when its answer is lost and reading back shows no trace of it."""


class Rolling:
    """The rolling releases of one project."""

    def __init__(self, options: Options, run: Run) -> None:
        self.releases = Vercel(options, run)
        self.api = self.releases.api
        self.path = f"/v9/projects/{options['project']}"

    def look(self) -> Standing:
        project = self.api.get(self.path, rollbackInfo="true")
        config = project.get("rollingRelease") or {}
        stages = tuple(Stage.configured(row) for row in config.get("stages") or ()) or None
        serving = ((project.get("targets") or {}).get("production") or {}).get("id")
        return Standing(stages, newest(self.api, project["id"]), serving, project.get("autoAssignCustomDomains") is False)

    def can_start(self, deployment: str) -> None:
        """NotRestorable unless it is a production deployment that is ready."""
        row = self.api.get(f"/v13/deployments/{deployment}")
        state = (row.get("target") or "preview", row.get("readyState"))
        if state != ("production", "READY"):
            raise errors.NotRestorable(
                f"{deployment} is no production deployment that is ready ({', '.join(map(str, state))})",
                "Name one that is, and that does not serve yet.",
            )


def operation(vendor: Reached) -> Operation:
    """The rolling release module."""
    return Operation(
        arguments={**vendor.arguments_of("rolling_release"), **ARGUMENTS},
        perform=lambda options, run: bring(vendor.connect("rolling_release", options, run), options, run),
        rules=RULES,
    )


def bring(rolling: Rolling, options: Options, run: Run) -> Result:
    """The rolling release into the state that is wanted; asked for twice it changes nothing."""
    started = time.monotonic()
    before = rolling.look()
    wish = WISHES[options["state"]](before, options)
    after, changed = wish.after, wish.after != before
    if changed and options["state"] == "started":
        rolling.can_start(options["deployment"])
    if changed and not run.check:
        after = _until(rolling, wish, options, run)
    return {
        "changed": changed,
        **after.facts(),
        "waited": 0.0 if run.check else round(time.monotonic() - started, 1),
        "summary": f"{'unchanged: ' if not changed else 'would be: ' if run.check else ''}{after}",
        "diff": {"before": before.picture(), "after": after.picture()},
    }


def _until(rolling: Rolling, wish: Wish, options: Options, run: Run) -> Standing:
    """Each call is made once; when its answer is lost its effect is looked for before it is made again."""
    tick = clock("waiting for Vercel's rolling release", options["timeout"], options["poll"], run.tell)
    base = rolling.releases.deployment(wish.back_to) if wish.back_to else None
    asked: set[str] = set()
    lost = 0
    while True:
        now = rolling.look()
        if wish.reached(now):
            return now
        call = wish.step(now)
        if base and asked:
            rolling.releases.settled(base)  # raises when Vercel has given up
        elif base and rolling.releases.underway(base):
            call = None
        if call and call.key not in asked:
            run.tell(call.says)
            try:
                rolling.api.send(call.method, call.path, call.body)
                asked.add(call.key)
                continue
            except errors.Unanswered:
                lost += 1
                if lost == ATTEMPTS:
                    raise
        tick()
