# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows what a module tells on another machine while it runs there.

The module runs as Ansible runs any other, so that privilege escalation, pipelining and check mode stay as they are. A connection of
its own reads the file, as not every kind of connection runs two commands at once; those over SSH share the master.
"""
from __future__ import annotations

import copy
import shlex
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.lastgood.recovery.plugins.module_utils import progress

FIRST_LOOK, LOOK = 1.0, 3.0
"""Seconds until the first look at the file, and from one to the next; a module that ends before costs nothing."""
ENDING = 5
"""Seconds that a look which is on its way may take when the module has ended."""


class Watch:
    """Looks at the file at C(path) through C(action)'s kind of connection, and tells what is new."""

    def __init__(self, action: ActionBase, path: str, tell: Callable[[str], None]) -> None:
        self._action, self._path, self._tell = action, path, tell
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._looker: ActionBase | None = None
        self._seen = 0
        self.last = ""
        """What was told last."""

    @contextmanager
    def running(self) -> Iterator[Watch]:
        self._thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._thread.join(ENDING)

    def remove(self) -> None:
        """The file, which a module that was killed has left."""
        if not self._thread.is_alive():
            with suppress(AnsibleError, OSError):
                self._command(f"rm -f {shlex.quote(self._path)}")

    def _run(self) -> None:
        pause = FIRST_LOOK
        while not self._over.wait(pause):
            pause = LOOK
            with suppress(Exception):  # whatever is wrong, the module's own connection says so, and in its result
                for text in progress.read(self._command(f"tail -n +{self._seen + 1} {shlex.quote(self._path)}")):
                    self._seen += 1
                    self.last = text
                    self._tell(text)

    def _command(self, command: str) -> str:
        self._looker = self._looker or _beside(self._action)
        return str(self._looker._low_level_execute_command(command)["stdout"])


def _beside(action: ActionBase) -> ActionBase:
    """The same action with another connection to the same machine, and the same rights there."""
    own = action._connection
    other = action._shared_loader_obj.connection_loader.get(own._load_name, action._play_context, task_uuid=action._task._uuid)
    other.set_options(direct=own.get_options())
    other._shell = copy.copy(own._shell)
    if own.become:
        other.set_become_plugin(copy.copy(own.become))
    beside: Any = copy.copy(action)
    beside._connection = other
    return beside
