# SPDX-License-Identifier: GPL-3.0-or-later
"""What the logs module does: find the release, collect what the vendor still has of it, write that down without secrets."""
from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils import captured, choice, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused, UnknownRelease
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Provider, Release
from ansible_collections.lastgood.recovery.plugins.module_utils.side_by_side import at_once
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached

ARGUMENTS: dict[str, Any] = {
    "release": {"type": "str"},
    "at": {"type": "str"},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "dest": {"type": "path", "required": True},
    "name": {"type": "str"},
    "lines": {"type": "int", "default": 2000},
    "redact": {"type": "list", "elements": "str", "default": [], "no_log": True},
    "timeout": {"type": "float", "default": 30},
    "quiet": {"type": "float", "default": 1},
}
FILES = {"build": "build.log", "runtime": "runtime.log", "events": "events.jsonl"}
"""By stream, what its file is called after the name."""


@dataclass(frozen=True)
class Wanted:
    """Which part of a release's logs: of that time, and at most so many of its newest lines."""

    release: Release
    since: datetime
    until: datetime
    lines: int
    quiet: float
    """A stream that never ends counts as ended when nothing came for so many seconds."""
    timeout: float

    def within(self, at: datetime) -> bool:
        return self.since <= at <= self.until


Lines = Iterable[str]
"""Oldest first; one more than wanted says that there are more."""


class Logs(Protocol):
    """What one target has written at one vendor. A stream that the vendor does not offer raises Refused, with why."""

    name: str
    """The vendor's name, as people write it."""
    releases: Provider
    secrets: tuple[str, ...]
    """What must not be in any file: the token."""

    def build(self, wanted: Wanted) -> Lines:
        """What was written while the release was built; its time does not matter."""

    def runtime(self, wanted: Wanted) -> Lines:
        """What it wrote while it ran."""

    def events(self, wanted: Wanted) -> Iterable[dict[str, Any]]:
        """What happened to it, as the vendor tells it."""


def operation(vendor: Reached) -> Operation:
    """The logs module for that vendor."""
    return Operation(
        arguments={**vendor.arguments_of("logs"), **ARGUMENTS},
        perform=lambda options, run: collect(vendor.connect("logs", options, run), options, run),
        rules={"mutually_exclusive": [["release", "at"]]},
    )


def collect(logs: Logs, options: Options, run: Run) -> Result:
    """One file a stream. What cannot be had is said, and loses nothing of the others."""
    until = time.monotonic() + options["timeout"]
    wanted = at_once({"release": lambda: _wanted(logs, options)}, until)["release"]
    if isinstance(wanted, BaseException):
        raise wanted
    name = options["name"] or wanted.release.id
    if not re.fullmatch(r"[\w.-]+", name):
        raise Refused(f"{name!r} is no name for a file", "Use letters, digits, dots and dashes.")
    run.tell(f"collecting the logs of {wanted.release} from {logs.name}")
    streams: dict[str, Callable[[], Any]] = {} if run.check else {
        "build": lambda: list(logs.build(wanted)),
        "runtime": lambda: list(logs.runtime(wanted)),
        "events": lambda: [json.dumps(event, ensure_ascii=False) for event in logs.events(wanted)],
    }
    hide = _redaction(logs, options).hide
    files, missing, changed = {}, {}, False
    for stream, found in at_once(streams, until).items():
        if isinstance(found, BaseException):
            missing[stream] = hide(found.message if isinstance(found, RecoveryError) else f"{type(found).__name__}: {found}")
            continue
        path = Path(options["dest"]).expanduser() / f"{name}.{FILES[stream]}"
        cut = len(found) > wanted.lines
        changed |= _write(path, hide(_text(found[-wanted.lines :], cut and stream != "events")))
        files[stream] = {"path": str(path), "lines": min(len(found), wanted.lines), "cut": cut}
    return {
        "changed": changed or run.check,
        "release": wanted.release.as_dict(),
        "since": moment.iso(wanted.since),
        "until": moment.iso(wanted.until),
        "files": files,
        "missing": missing,
        "summary": _summary(wanted.release, files, missing, run),
    }


def _wanted(logs: Logs, options: Options) -> Wanted:
    releases = logs.releases.releases()
    release = _release(logs, releases, options)
    since, until = served(release, releases)
    return Wanted(
        release,
        moment.parse(options["since"]) if options["since"] else since,
        moment.parse(options["until"]) if options["until"] else until,
        max(1, options["lines"]),
        options["quiet"],
        options["timeout"],
    )


def _release(logs: Logs, releases: list[Release], options: Options) -> Release:
    """The one that is named, that served at that moment, or that serves."""
    if options["release"]:
        found = next((release for release in releases if release.id == options["release"]), None)
    elif options["at"]:
        found = choice.serving_at(releases, moment.last_of(options["at"]))
    else:
        current = logs.releases.current()
        found = current and next((release for release in releases if release.id == current.id), current)
    if found is None:
        raise UnknownRelease(f"{logs.name} knows no release {options['release'] or options['at'] or 'that serves'}", "Name another one.")
    return found


def served(release: Release, releases: list[Release]) -> tuple[datetime, datetime]:
    """From when until when it served; for one that never did, from when it was made until the next one was."""
    if release.live_from is None:
        later = [other.created_at for other in releases if other.created_at > release.created_at]
        return release.created_at, min(later, default=datetime.now(UTC))
    ends = [other.live_from for other in releases if other.live_from and other.live_from > release.live_from]
    if release.taken_out_at and release.taken_out_at >= release.live_from:
        ends.append(release.taken_out_at)
    return release.live_from, min(ends, default=datetime.now(UTC))


def _redaction(logs: Logs, options: Options) -> Redaction:
    redaction = Redaction()
    redaction.learn([*logs.secrets, *options["redact"]])
    return redaction


def _text(lines: list[str], cut: bool) -> str:
    said = [f"(cut: the newest {len(lines)} lines; there were more before)"] if cut else []
    return "".join(f"{line}\n" for line in [*said, *lines])


def _write(path: Path, text: str) -> bool:
    """False when the file holds that already."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return False
    except (OSError, ValueError):
        pass  # not there, or nothing of ours
    try:
        captured.write(str(path), text)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}", "Name another directory.") from None
    return True


def _summary(release: Release, files: dict[str, Any], missing: dict[str, str], run: Run) -> str:
    if run.check:
        return f"the logs of {release} would be collected"
    kept = [f"{stream} ({file['lines']} lines{', cut' if file['cut'] else ''})" for stream, file in files.items()]
    lacking = [f"no {stream}: {why}" for stream, why in missing.items()]
    return f"logs of {release}: " + "; ".join([", ".join(kept) or "nothing", *lacking])
