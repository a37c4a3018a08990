"""Runs the project's playbooks as a person does, against one sandbox and an incident store of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.testing import Box

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240
"""Seconds after which a run counts as hung."""
TIMES = r"^\d\d:\d\d:\d\d  |  (\d[\d.]* s|\d+ min[\d s]*|RTO [\d:]+)$"


@dataclass(frozen=True)
class Ran:
    """What a finished run left on the screen, and its exit code."""

    code: int
    screen: str
    arrivals: tuple[float, ...] = ()
    """On a terminal: when each part of the screen arrived, in seconds since the start."""

    @property
    def words(self) -> str:
        """The screen on one line without the times at both ends, so that a sentence is found however it was wrapped."""
        return " ".join(re.sub(TIMES, "", self.screen, flags=re.MULTILINE).split())

    @property
    def diffs(self) -> list[str]:
        """What C(--diff) showed, in an order that does not depend on which target was the quickest."""
        return sorted(re.findall(r"^--- before\n.*?^ }$", self.screen, re.MULTILINE | re.DOTALL))

    @property
    def totals(self) -> tuple[int, int, int]:
        """Targets, and how many steps changed something and failed."""
        found = re.search(r"(\d+) targets · changed=(\d+) · failed=(\d+)", self.screen)
        assert found, self.screen
        return (int(found[1]), int(found[2]), int(found[3]))


class Operator:
    """Somebody with a shell in the checkout. Nobody else writes to C(store)."""

    def __init__(self, box: Box, store: Path) -> None:
        self.box, self.store = box, store

    def command(self, *arguments: str, playbook: str = "rollback-checkout.yml", **variables: Any) -> list[str]:
        """The command line; C(variables) are extra variables, severity P0 unless they say otherwise (None leaves it out)."""
        extra = {"incident_store": str(self.store), "severity": "P0"} | variables
        given = json.dumps({name: value for name, value in extra.items() if value is not None})
        return [str(Path(sys.executable).with_name("ansible-playbook")), playbook, "-e", given, *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "ANSIBLE_FORCE_COLOR", "ANSIBLE_NOCOLOR")}
        cache = str(self.store.with_name("cache"))
        sandbox = {"LASTGOOD_SANDBOX_PORT": str(self.box.port), "LASTGOOD_SANDBOX_STATE": str(self.box.state_dir)}
        return mine | sandbox | {"PYTHONUNBUFFERED": "1", "XDG_CACHE_HOME": cache} | more

    def start(self, *arguments: str, environment: dict[str, str] | None = None, **variables: Any) -> subprocess.Popen[str]:
        """A run that goes on in a session of its own; nobody is there to answer it."""
        return subprocess.Popen(
            self.command(*arguments, **variables),
            cwd=ROOT,
            env=self.environment(**(environment or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, environment: dict[str, str] | None = None, **variables: Any) -> Ran:
        """The whole run, without anybody there to answer."""
        return ended(self.start(*arguments, environment=environment, **variables))

    def check(self, *arguments: str, **variables: Any) -> Ran:
        return self.run("--check", "--diff", *arguments, **variables)

    def undo(self, *arguments: str, **variables: Any) -> Ran:
        return self.run(*arguments, playbook="playbooks/undo.yml", confirmed="UNDO SANDBOX checkout", **variables)

    def commit(self, *arguments: str, **variables: Any) -> Ran:
        return self.run(*arguments, playbook="playbooks/commit.yml", **variables)

    def at_a_terminal(self, *arguments: str, answer: str | None = None, environment: dict[str, str] | None = None, **variables: Any) -> Ran:
        """The whole run on a real terminal; C(answer) is typed once something is asked."""
        command = self.command(*arguments, **variables)
        pid, terminal = pty.fork()
        if not pid:
            os.chdir(ROOT)
            os.execve(command[0], command, self.environment(TERM="xterm", **(environment or {})))
        began = time.monotonic()
        screen, arrivals = b"", []
        while time.monotonic() - began < PATIENCE:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                part = os.read(terminal, 65536)
            except OSError:  # Linux: the last writer has closed it
                break
            screen += part
            arrivals.append(time.monotonic() - began)
            if answer is not None and b" to go on: " in screen:
                time.sleep(0.3)  # a person is not faster either, and what is typed before the prompt is discarded
                os.write(terminal, answer.encode() + b"\r")
                answer = None
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return Ran(code, screen.decode().replace("\r\n", "\n"), tuple(arrivals))

    # What a run left behind ------------------------------------------------------------------------------------

    def incidents(self) -> list[Path]:
        """The directories of all incidents, oldest first."""
        return sorted((path.parent for path in self.store.glob("*/incident.yml")), key=lambda path: path.stat().st_ctime_ns)

    def incident(self) -> Path:
        """The directory of the only incident."""
        (only,) = self.incidents()
        return only

    def fields(self) -> dict[str, Any]:
        """incident.yml of the only incident."""
        fields: dict[str, Any] = yaml.safe_load((self.incident() / "incident.yml").read_text())
        return fields

    def journal(self) -> list[dict[str, Any]]:
        """Every event of the only incident; fails where a line is not one."""
        return read_journal(self.incident())


def ended(process: subprocess.Popen[str]) -> Ran:
    """The run, once it has ended by itself."""
    try:
        screen, _nothing = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return Ran(process.returncode, screen)


def read_journal(incident: Path) -> list[dict[str, Any]]:
    """Every event, each of them readable."""
    return [json.loads(line) for line in (incident / "journal.jsonl").read_text().splitlines()]


def calls(events: Iterable[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """The calls that may have changed something at a vendor, in order: (target, method, path)."""
    return [(event["target"], event["method"], event["path"]) for event in events if event["event"] == "call"]
