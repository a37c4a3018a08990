# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport to Git: the program in a process of its own, never waited for silently, one error for each way to fail."""
from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import HEARTBEAT, wait

PATIENCE = 300.0
"""Seconds for one command; a transfer that stands still is given up after thirty."""
READ_PAUSES = (0.5, 2, 4)
"""Seconds between the attempts of a safe read."""
_SAID: tuple[tuple[str, type[errors.RecoveryError]], ...] = (
    (r"protected branch|GH006|GH013|hook declined|not allowed to push|push declined", errors.ApprovalNeeded),
    (r"\(fetch first\)|\(non-fast-forward\)|cannot lock ref|failed to update ref|\(stale info\)|incorrect old value", errors.Conflict),
    (
        r"Authentication failed|could not read (Username|Password)|Permission (to \S+ )?denied|returned error: 40[13]|Host key",
        errors.NotAuthorised,
    ),
    (r"not found|does not appear to be a git repository|not a git repository|No such file or directory", errors.NotFound),
)
_HINTS: dict[type[errors.RecoveryError], str] = {
    errors.ApprovalNeeded: "Let somebody who may pass the branch protection run it, or start a branch with hotfix and open a pull request.",
    errors.Conflict: "Somebody else has pushed to the branch; run the same command again, it reads the branch first.",
    errors.NotAuthorised: "Check token (GIT_TOKEN), or the key that ssh uses: it must be valid, and may write to the repository.",
    errors.NotFound: "Check repository and branch: what the token may not see is not found either.",
    errors.Unavailable: "Look at the host's status page, then run the same command again.",
    errors.Unanswered: "It may or may not have taken effect; run the same command again, it reads back first.",
}


class Git:
    """Runs Git in one directory. C(hide) takes secrets out of whatever it says."""

    def __init__(self, directory: str, environment: dict[str, str], run: Run, hide: Callable[[str], str]) -> None:
        self.directory = directory
        self.environment = environment
        self.run = run
        self.hide = hide

    def at(self, directory: str) -> Git:
        """The same in another directory."""
        return Git(directory, self.environment, self.run, self.hide)

    def __call__(self, *arguments: str, text: str | None = None) -> str:
        """What a local command prints; an error of ours when it fails."""
        done = self.tried(*arguments, text=text)
        if done.returncode:
            raise self.error(errors.VendorError, arguments[0], done.stderr)
        return done.stdout

    def holds_true(self, *arguments: str) -> bool:
        """Whether a command that answers with its exit status says yes."""
        return self.tried(*arguments).returncode == 0

    def look(self, *arguments: str) -> str:
        """What a command prints that reads from the other side; repeated until it answers or Unavailable is certain."""
        for pause in (*READ_PAUSES, None):
            done = self.tried(*arguments)
            if done.returncode == 0:
                return done.stdout
            error = self.error(errors.Unavailable, arguments[0], done.stderr)
            if pause is None or not isinstance(error, errors.Unavailable):
                break
            wait(pause, error.message, self.run.tell)
        raise error

    def send(self, what: str, *arguments: str) -> None:
        """A push of C(what), made once. Unanswered when nobody can tell whether it took effect."""
        self.run.record("call", method="git push", path=what)
        started = time.monotonic()
        status: int | None = None
        try:
            done = self.tried("push", "--porcelain", *arguments)
            status = done.returncode
            if status:
                raise self.error(errors.Unanswered, "push", f"{done.stderr}\n{done.stdout}")
        except errors.Unavailable as error:
            raise errors.Unanswered(error.message, _HINTS[errors.Unanswered]) from None
        finally:
            self.run.record("answer", method="git push", path=what, status=status, seconds=round(time.monotonic() - started, 3))

    def tried(self, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """The outcome of a command, whatever it is; Unavailable when it takes longer than PATIENCE."""
        try:
            process = subprocess.Popen(  # pylint: disable=ansible-bad-function # in process there is no AnsibleModule
                ["git", "-C", self.directory, *arguments],
                stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                env=self.environment,
                start_new_session=True,  # without a terminal ssh cannot ask for a password, and all of it can be ended together
            )
        except FileNotFoundError:
            raise errors.RecoveryError("the program git is missing", "Install it on the machine that runs this module.") from None
        out, err = self._wait_for(process, arguments[0], text)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def _wait_for(self, process: subprocess.Popen[str], command: str, text: str | None) -> tuple[str, str]:
        started = time.monotonic()
        try:
            while (left := PATIENCE - (time.monotonic() - started)) > 0:
                try:
                    return process.communicate(text, timeout=min(left, HEARTBEAT))
                except subprocess.TimeoutExpired:
                    self.run.tell(f"git {command} … {span(time.monotonic() - started)}")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        raise errors.Unavailable(f"git {command} did not end in {span(PATIENCE)}", _HINTS[errors.Unavailable])

    def error(self, otherwise: type[errors.RecoveryError], command: str, said: str) -> errors.RecoveryError:
        """The error that fits what Git said, in Git's own words."""
        kind = next((kind for pattern, kind in _SAID if re.search(pattern, said, re.IGNORECASE)), otherwise)
        return kind(f"git {command}: {self.hide(_words(said))}", _HINTS.get(kind, ""))


def _words(said: str) -> str:
    """The line that says why, out of all that Git prints."""
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"(remote: )?(fatal|error):|!|remote: .*\w", line, re.IGNORECASE)]
    line = next((line for line in telling if line.startswith("!")), (telling or lines or ["it failed and said nothing"])[0])
    return re.sub(r"^(remote: )?(fatal|error): ", "", line, flags=re.IGNORECASE)[:200]
