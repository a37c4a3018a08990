# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: tell_progress
type: notification
short_description: Tells every few minutes how far a rollback has come
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - From the moment P(lastgood.recovery.incident_tell#module) has told that a rollback was started until there is a verdict, a process
    beside C(ansible-playbook) tells the channels of the inventory's C(telling) how far it has come, every C(every) minutes, however
    long a step takes. When the run is broken off, even killed, that is told as well.
  - It tells nothing in check mode and nothing where messages are not delivered.
requirements:
  - Enable it in C(callbacks_enabled), as the C(ansible.cfg) of this project does.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.template import Templar
from ansible_collections.lastgood.recovery.plugins.module_utils import own_handles

HERALD = "ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.herald"
COLLECTIONS = Path(__file__).resolve().parents[5]


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "lastgood.recovery.tell_progress"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.play: Any = None
        self.incident: dict[str, Any] = {}
        self.pipe: int | None = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self.play = play

    def v2_runner_on_ok(self, result: Any) -> None:
        self.incident = result.result.get("ansible_facts", {}).get("incident", {}) or self.incident
        if self.pipe is None and result.result.get("every") and result.task.resolved_action == "lastgood.recovery.incident_tell":
            self._begin(result)
        self._look_for_verdict(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._look_for_verdict(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._end(b"")

    def _look_for_verdict(self, result: Any) -> None:
        if "verdict" in result.result and "exit_code" in result.result:
            self._end(b"done\n")

    def _begin(self, result: Any) -> None:
        """Start the herald. What it needs is not in the result, which others see, but in the inventory: secrets are."""
        manager = self.play.get_variable_manager()
        variables = manager.get_vars(play=self.play, host=result.host, task=result.task)
        given = {name: variables.get(variable, default) for name, variable, default in (
            ("telling", "telling", {}), ("secrets", "telling_secrets", {}), ("test", "drill", False),
        )}
        given = Templar(loader=self.play.get_loader(), variables=variables).template(given)
        incident = {name: self.incident[name] for name in ("store", "id", "run")}
        told = {**given, "test": str(given["test"]).lower() in ("true", "yes", "1"), "incident": incident, "every": result.result["every"]}
        reading, writing = os.pipe()
        os.set_inheritable(writing, False)
        path = os.pathsep.join(filter(None, (str(COLLECTIONS), os.environ.get("PYTHONPATH"))))
        try:
            subprocess.Popen(
                [sys.executable, "-m", HERALD],
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl-C is for the run; the herald has to tell of it
            )
        except OSError as error:
            os.close(writing)
            self._display.warning(f"progress will not be told: {error.strerror}")
        else:
            self.pipe = writing
            own_handles.keep(writing)  # the pipe has to end when this process does, not when the last worker has
            self._write(json.dumps(told, default=str).encode() + b"\n")
        finally:
            os.close(reading)

    def _end(self, last: bytes) -> None:
        if self.pipe is not None:
            self._write(last)
            own_handles.close(self.pipe)
            self.pipe = None

    def _write(self, content: bytes) -> None:
        try:
            while content and self.pipe is not None:
                content = content[os.write(self.pipe, content):]
        except OSError:
            pass  # it has ended before: the rollback goes on
