# SPDX-License-Identifier: GPL-3.0-or-later
"""One rollback of an environment at a time; whoever comes second is told who is at it, since when and why."""
from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Locked, RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.lock_place import FilePlace, ObjectPlace, Place
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import Mirror
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import psutil
else:
    psutil = library("psutil")

TRIES = 5
NAMED = ("by", "environment", "incident", "reason", "since", "host", "process", "started")
Holder = dict[str, Any]


class Lock:
    """Names its holder. A holder whose process has ended on this host no longer holds anything."""

    def __init__(self, root: str | Path, environment: str, doing: str = "rolling {environment} back") -> None:
        """C(environment) may be any other name of what is done once at a time; C(doing) says what, of whoever is at it."""
        self.root, self.doing = Path(root), doing
        mirror = Mirror.of(self.root)
        self.path = self.root / f".lock-{environment}.json"
        self.place: Place = ObjectPlace(mirror, environment) if mirror else FilePlace(self.path)

    def take(self, holder: Holder, process: int | None, breaks: str = "") -> Holder | None:
        """Take it for C(holder) (by, incident, reason); returns whom it was taken over from, if anybody. Locked otherwise.

        C(breaks) is the name of a refusal: that holder, and no other, is taken for dead.
        """
        with self.place.alone():
            for _attempt in range(TRIES):
                text, tag = self.place.read() or ("", None)
                before = self._read(text) if name_of(text) != breaks else _unknown(text)
                if before and _same(before, process):
                    return None
                if before and _alive(before) and name_of(text) != breaks:
                    raise self._locked(before, text)
                mine = {**holder, "since": moment.iso(datetime.now(UTC)), **here(process)}
                if self.place.replace(json.dumps(mine), tag):
                    return before
        raise Locked("several runs take the lock at the same time", "Run the same command again.")

    def release(self, process: int | None) -> str:
        """Let go, if this process holds it; what went wrong, in words, because the rollback is over by then."""
        try:
            text, tag = self.place.read() or ("", None)
            if not text:
                return ""
            with self.place.alone():
                text, tag = self.place.read() or ("", None)
                before = self._read(text)
                if before and _same(before, process):
                    self.place.replace("", tag)
        except RecoveryError as error:
            return f"the lock {self.place} could not be let go of: {error.message}"
        return ""

    def refusal(self) -> str:
        """The name of the refusal that it leads to, whoever holds it; nothing where nobody does."""
        text, _tag = self.place.read() or ("", None)
        return name_of(text) if text else ""

    def holder(self) -> Holder | None:
        """Who holds it, or held it when it died; what cannot be read counts as held."""
        return self._read((self.place.read() or ("", None))[0])

    def other(self, process: int | None) -> Holder | None:
        """Who else is at it, as far as anybody can tell."""
        holder = self.holder()
        return holder if holder and not _same(holder, process) and _alive(holder) else None

    def _read(self, text: str) -> Holder | None:
        try:
            return _parsed(text) if text else None
        except ValueError:
            raise Locked(
                f"the lock {self.place} cannot be read",
                f"Make sure that nobody is rolling back, then {_break(text)}.",
                refusal=name_of(text),
            ) from None

    def _locked(self, before: Holder, text: str) -> Locked:
        seen = self._last_line(before)
        return Locked(
            f"{before['by']} is {self.doing.format_map(before)} since {before['since']} "
            f"({before['incident']}: {before['reason'] or 'no reason given'}; process {before['process']} on {before['host']}"
            f"{f'; its journal was last written at {seen}' if seen else ''})",
            f"Talk to {before['by']}. If you know that run to be dead: {_break(text)}.",
            refusal=name_of(text),
        )

    def _last_line(self, holder: Holder) -> str:
        """The sign of life that every run gives."""
        try:
            events = Journal(self.root / Path(holder["incident"]).name / "journal.jsonl").events()
        except (RecoveryError, OSError):
            return ""
        return str(events[-1].get("at", "")) if events else ""


def name_of(text: str) -> str:
    """The name of the refusal that this lock leads to: that of another holder is another."""
    return f"lock-{chain.digest('lock', text.encode(errors='replace'))[:8]}"


def here(process: int | None) -> Holder:
    """The host and the process. Hosts are told apart by more than their names: containers are often called alike."""
    return {"host": socket.gethostname(), "kernel": _kernel(), "process": process, "started": _started(process)}


def _break(text: str) -> str:
    return f"the same command with -e break_lock={name_of(text)} -e break_lock_reason='how you know'"


def _parsed(text: str) -> Holder:
    holder = json.loads(text)
    if not isinstance(holder, dict) or set(NAMED) - set(holder):
        raise ValueError(text)
    return holder


def _unknown(text: str) -> Holder:
    try:
        return _parsed(text)
    except ValueError:
        return {**dict.fromkeys(NAMED), "by": "somebody unknown", "host": "somewhere"}


def _kernel() -> str:
    """The boot of this machine and the name space of its process numbers; nothing where neither can be read."""
    try:
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text(encoding='ascii').strip()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(process: int | None) -> float | None:
    """When the process began, seconds since the epoch; tells it from a later one with the same number."""
    try:
        return None if process is None else psutil.Process(process).create_time()
    except psutil.NoSuchProcess:
        return None


def _is_here(holder: Holder) -> bool:
    return holder["host"] == socket.gethostname() and holder.get("kernel", _kernel()) == _kernel()


def _same(holder: Holder, process: int | None) -> bool:
    return _is_here(holder) and holder["process"] == process and holder["started"] == _started(process)


def _alive(holder: Holder) -> bool:
    """Whether the holder may still be at work; on another host nobody here can tell, so it is."""
    if not _is_here(holder) or holder["process"] is None:
        return True
    return holder["started"] is not None and _started(holder["process"]) == holder["started"]
