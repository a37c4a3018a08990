# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: journal
type: notification
short_description: Writes down what a rollback does, before and after each step
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - From the moment P(lastgood.recovery.incident_open#module) has opened an incident, every step that may change something is
    written to the incident's C(journal.jsonl) before it starts, and its result after it ended. Each line is on disk before the
    play goes on, so that a killed run can be told apart from a finished one.
  - When P(lastgood.recovery.incident_close#module) has given a verdict, C(ansible-playbook) exits with the code of that verdict.
    See P(lastgood.recovery.incident_close#module) for the codes. When an approval is missing, it exits with 13.
  - It only reads results; secrets that modules mark as such never reach it.
requirements:
  - Enable it in C(callbacks_enabled), as the C(ansible.cfg) of this project does.
"""

import time
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import measures
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import CACHE, Journal

COLLECTION = "lastgood.recovery."
BUILT_IN = ("assert", "debug", "fail", "include_role", "include_tasks", "meta", "pause", "set_fact", "set_stats", "validate_argument_spec")
READ_ONLY = frozenset(f"ansible.builtin.{name}" for name in BUILT_IN)


MOMENTS = {
    f"{COLLECTION}s3_objects": "as_of",
    f"{COLLECTION}cloudfront_config": "source",
    f"{COLLECTION}database": "holds",
    f"{COLLECTION}migration": "holds",
}
"""Modules for what has no releases, only a state at each moment, and which of their values says what it went back to."""
FORGETTING = frozenset(f"{COLLECTION}{name}" for name in ("cache", "cloudfront_invalidation"))
"""Modules that let something cached be forgotten: worth no intent, since they may run again, and a result unless they were skipped."""


def changes_releases(action: str) -> bool:
    """Whether the action is one of this collection's modules that take a target back."""
    return action.startswith(COLLECTION) and (action.endswith("_release") or action == f"{COLLECTION}release" or action in MOMENTS)


def is_measure(task: Any) -> bool:
    """Whether the step changes a target otherwise than by its release, and remembers what it was."""
    action = str(task.resolved_action or task.action)
    return action.startswith(COLLECTION) and measures.is_measure(action.removeprefix(COLLECTION), task.args)


def worth_writing(task: Any) -> bool:
    """Whether the step may change something outside the controller; this collection's other modules write their own events."""
    action = task.resolved_action or task.action
    return changes_releases(action) or is_measure(task) or not (action in READ_ONLY or action.startswith(COLLECTION))


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "lastgood.recovery.journal"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.journal: Journal | None = None
        self.exit_code = 0
        self.warned = False
        self.started: dict[tuple[str, str], float] = {}

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self.started[host.get_name(), task._uuid] = time.monotonic()
        if self.journal and worth_writing(task) and not task.check_mode:
            kind = {"kind": "measure"} if is_measure(task) else {}
            self.journal.append("intent", task=task.get_name(), target=host.get_name(), **kind)

    def v2_runner_on_ok(self, result: Any) -> None:
        self._learn(result)
        self._write(result, "changed" if result.result.get("changed") else "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._learn(result)
        self._write(result, "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write(result, "unreachable")

    def v2_playbook_on_stats(self, stats: Any) -> None:
        left = self.journal.send_unsent() if self.journal else ""
        if left:
            self._display.warning(f"part of the record is on this machine only: {left}. Whatever opens this incident here again sends it.")
        if self.exit_code:
            raise SystemExit(self.exit_code)

    def _learn(self, result: Any) -> None:
        values = result.result
        incident = values.get("ansible_facts", {}).get("incident", {})
        if incident.get("journal"):
            self.journal = Journal(incident["journal"], incident["run"])
            self.journal.prepare()
        if "exit_code" in values and (result.task.resolved_action or result.task.action).startswith(COLLECTION):
            self.exit_code = values["exit_code"]
        unsent = self.journal.unsent() if self.journal else ""
        if unsent and not self.warned:  # once, and again when it was well in between
            self._display.warning(f"the incident store does not answer, the record is kept on this machine meanwhile: {unsent}")
        self.warned = bool(unsent)

    def _write(self, result: Any, status: str) -> None:
        host, task = result.host.get_name(), result.task
        began = self.started.pop((host, task._uuid), time.monotonic())
        action = task.resolved_action or task.action
        values = result.result
        if self.journal and status == "changed" and isinstance(values.get("loss"), dict) and not task.check_mode:
            self.journal.append("loss", task=task.get_name(), target=host, loss=values["loss"])
        forgets = action in FORGETTING and status != "skipped"
        if not self.journal or not (worth_writing(task) or forgets) or task.check_mode:
            return
        known = {key: values[key] for key in ("summary", "why", "from", "to", "serving", "held", "held_before") if key in values}
        if status == "failed":
            known["summary"] = str(values.get("summary") or values.get("msg", ""))
        if (there := MOMENTS.get(action)) in values:
            known |= {"from": {"id": "what it was"}, "to": {"id": values[there], "artifact": values[there]}}
        if forgets:
            known["kind"] = CACHE
        if changes_releases(action) and "saved" not in values:  # a dump takes nothing back; one that fails stands in the way
            known["kind"] = "release"
        if is_measure(task):
            known["kind"] = "measure"
            if measures.is_foreseen(values):
                known["from"], known["to"] = measures.states(values)
        self.journal.append("result", task=task.get_name(), target=host, status=status, seconds=round(time.monotonic() - began, 3), **known)
