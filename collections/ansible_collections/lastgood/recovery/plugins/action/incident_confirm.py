# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from typing import Any

from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import confirmation
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    operation = confirmation.operation(lambda question, seconds: None)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        return self.perform(confirmation.operation(self._ask), dict(self._task.args), task_vars or {})

    def _ask(self, question: str, seconds: int) -> str | None:
        until = time.monotonic() + seconds
        try:
            answer = self._display.prompt_until(f"{question}: ", seconds=seconds).decode(errors="replace")
            return answer if time.monotonic() < until else None  # at the end of its time it returns what was typed so far
        except AnsiblePromptNoninteractive:
            return None
        except AnsiblePromptInterrupt:
            return ""
