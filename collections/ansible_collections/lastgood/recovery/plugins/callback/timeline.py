# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: timeline
type: stdout
short_description: One line for each step, with the time it took and the time that is left
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Made to be read at night. Each step is a line of at most 80 columns with the time (UTC), the target, what happened and how long
    it took. While something is awaited a line appears at least every ten seconds, with the time left of the RTO. Once it is over, one
    line says whom to call.
  - Steps that have nothing to say are left out; C(-v) shows every step and its result.
  - Colours are never the only sign; E(NO_COLOR) is honoured.
extends_documentation_fragment:
  - default_callback
"""

import gc
import json
import time
from datetime import UTC, datetime
from typing import Any

from ansible import constants as C
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader
from ansible_collections.lastgood.recovery.plugins.module_utils import lines
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.contacts import over_the_rto
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

QUIET = frozenset(f"ansible.builtin.{name}" for name in ("assert", "meta", "set_fact", "validate_argument_spec"))
COLOURS = {"RESTORED": C.COLOR_OK, "PARTIAL": C.COLOR_CHANGED, "NOT RESTORED": C.COLOR_ERROR, "COULD NOT VERIFY": C.COLOR_UNREACHABLE}
SIGNS = {"RESTORED": "✔", "PARTIAL": "◐", "NOT RESTORED": "✘", "COULD NOT VERIFY": "?"}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lastgood.recovery.timeline"

    def __init__(self) -> None:
        super().__init__()
        self.began = time.monotonic()
        self.started: dict[tuple[str, str], float] = {}
        self.scenario = ""
        self.incident: dict[str, Any] = {}
        self.escalated = False
        self.closing: dict[str, Any] = {}

    def v2_playbook_on_start(self, playbook: Any) -> None:
        filter_loader.get("ansible.builtin.default")  # loads all of Ansible's own, which each worker would else do for itself: 10 ms a step
        gc.freeze()  # nor does a worker look through all that for garbage: 7 % of a run

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        self.started[host.get_name(), task._uuid] = time.monotonic()

    def v2_runner_on_ok(self, result: Any) -> None:
        values, task = result.result, result.task
        seconds = self._seconds(result)
        self.incident = values.get("ansible_facts", {}).get("incident") or self.incident
        self.scenario = self.incident.get("scenario", "")
        if "report" in values and "exit_code" in values:
            self.closing = values
            return
        if values.get("screen"):
            self._display.display("\n".join(values["screen"]))
        elif values.get("summary"):
            colour = C.COLOR_CHANGED if values.get("changed") else None
            self._line(result, values["summary"], span(seconds), colour)
        elif "msg" in values and task.resolved_action == "ansible.builtin.debug":
            self._line(result, str(values["msg"]))
        elif values.get("changed") or (self._display.verbosity and task.resolved_action not in QUIET):
            self._line(result, f"{task.get_name()}: {'changed' if values.get('changed') else 'ok'}", span(seconds))
        for warning in values.get("warnings") or []:
            self._line(result, f"! {warning}", colour=C.COLOR_WARN)
        self._details(values)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        values = result.result
        if "report" in values and "exit_code" in values:
            self.closing = values
            return
        if values.get("findings"):
            self._display.display("\n".join(values["screen"]))
        text = values.get("summary") or values.get("msg") or "failed without a message"
        self._line(result, f"✘ {text}", span(self._seconds(result)), C.COLOR_ERROR)
        if values.get("hint"):
            self._line(result, f"→ {values['hint']}")
        self._details(values)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._line(result, f"✘ unreachable: {result.result.get('msg', '')}", span(self._seconds(result)), C.COLOR_UNREACHABLE)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._seconds(result)
        if self._display.verbosity:
            self._line(result, f"{result.task.get_name()}: not needed", colour=C.COLOR_SKIP)

    def v2_on_file_diff(self, result: Any) -> None:
        difference = result.result.get("diff")
        if difference and result.result.get("changed"):
            self._display.display(self._get_diff(difference))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        totals = [stats.summarize(host) for host in stats.processed]
        changed, failed = (sum(total[key] for total in totals) for key in ("changed", "failures"))
        took = span(time.monotonic() - self.began)
        if self.closing:
            word = self.closing["verdict"]
            self._display.display(lines.paragraph(f"{SIGNS[word]} {word} in {took} · {self.closing['reason']}"), color=COLOURS[word])
            if word != "RESTORED":
                for step in self.closing["next_steps"]:
                    self._display.display(lines.paragraph(f"→ {step}"))
            self._display.display(f"  report: {self.closing['report']}")
            for warning in self.closing.get("warnings") or []:
                self._display.display(lines.paragraph(f"! {warning}"), color=C.COLOR_WARN)
        note = " · nothing had to be changed" if not changed and not failed else ""
        self._display.display(f"  {len(totals)} targets · changed={changed} · failed={failed} · {took}{note}")

    def _line(self, result: Any, text: str, right: str = "", colour: str | None = None) -> None:
        who = (self.scenario or "incident") if result.task.run_once else result.host.get_name()
        self._display.display(lines.line(who, text, right), color=colour)
        call = "" if self.escalated else over_the_rto(self.incident, datetime.now(UTC))
        if call:
            self.escalated = True
            self._display.display(lines.line(who, f"! {call}"), color=C.COLOR_WARN)

    def _seconds(self, result: Any) -> float:
        now = time.monotonic()
        return now - self.started.pop((result.host.get_name(), result.task._uuid), now)

    def _details(self, values: dict[str, Any]) -> None:
        if self._display.verbosity:
            self._display.display(json.dumps(values, indent=1, ensure_ascii=False, default=str), color=C.COLOR_VERBOSE)
