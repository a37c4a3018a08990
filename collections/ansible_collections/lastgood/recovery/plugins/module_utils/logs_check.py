# SPDX-License-Identifier: GPL-3.0-or-later
"""Is what serves now quiet in its logs? Counts lines that look like errors; no line is ever shown, for lines hold secrets."""
from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from ansible_collections.lastgood.recovery.plugins.module_utils import moment, waiting
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked, failed_if_asked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused, UnknownRelease
from ansible_collections.lastgood.recovery.plugins.module_utils.logs import Logs, Wanted, served
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from ansible_collections.lastgood.recovery.plugins.module_utils.side_by_side import at_once

PATTERNS = [
    r"\b(ERROR|FATAL|CRITICAL|PANIC|EMERG)\b",
    r"^\S+ (error|fatal|critical|panic|emerg)\b",
    r"\b(level|severity)\W{1,4}(error|fatal|critical|panic)\b",
    r"\b[A-Z]\w*(Error|Exception)\b",
    r"\bTraceback \(most recent call last\)",
    r"\b([Uu]nhandled|[Uu]ncaught)\b",
    r"\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+( HTTP/[0-9.]+\"?)? 5\d\d\b",
    r"\bstatus=5\d\d\b",
]
"""What looks like an error: levels as words or fields, names of exceptions, answers of 500 and above."""
ARGUMENTS: dict[str, Any] = {
    "target": {"type": "str", "required": True},
    "since": {"type": "str"},
    "window": {"type": "float", "default": 60},
    "patterns": {"type": "list", "elements": "str", "default": PATTERNS},
    "ignore": {"type": "list", "elements": "str", "default": []},
    "at_most": {"type": "int", "default": 0},
    "min_lines": {"type": "int", "default": 1},
    "lines": {"type": "int", "default": 2000},
    "timeout": {"type": "float", "default": 15},
    "quiet": {"type": "float", "default": 1},
    "phase": {"type": "str"},
    "fail": {"type": "bool", "default": False},
}
T = TypeVar("T")
LONGEST = 4096
"""Characters of a line that are looked at, so that no pattern takes long."""


def check(options: Options, run: Run) -> Result:
    """One check for the target. Logs that cannot be had, and too few lines to tell, are UNKNOWN; so is what is asked wrongly,
    for after a rollback nothing may keep it from its verdict."""
    try:
        errors, ignored = (_compiled(options[name]) for name in ("patterns", "ignore"))
        one = _look(ANY.connect("logs", options, run), errors, ignored, options, run)
    except RecoveryError as error:
        one = _unknown(options, error.message)
    result = found([one], "logs", "are quiet")
    run.record("checked", kind="logs", phase=options["phase"], verdict=result["verdict"], checks=[one])
    return failed_if_asked(result, options["fail"])


def _look(logs: Logs, errors: list[re.Pattern[str]], ignored: list[re.Pattern[str]], options: Options, run: Run) -> Check:
    release, began = in_time(lambda: _serving(logs, options), options)
    rest = options["window"] - (datetime.now(UTC) - began).total_seconds()
    if rest > 0 and not run.check:
        waiting.wait(min(rest, options["window"]), f"watching the logs of {options['target']}", run.tell)
    now = datetime.now(UTC)
    since = max(began, now - timedelta(seconds=options["window"]))
    wanted = Wanted(release, since, now, max(1, options["lines"]), options["quiet"], options["timeout"])
    lines = in_time(lambda: list(logs.runtime(wanted)), options)
    return judged(lines, errors, ignored, moment.iso(since), options)


def in_time(read: Callable[[], T], options: Options) -> T:
    """What it returns or raises, within the time that is left for one read."""
    answer = at_once({"it": read}, time.monotonic() + options["timeout"])["it"]
    if isinstance(answer, RecoveryError):
        raise answer
    if isinstance(answer, BaseException):
        raise UnknownRelease(f"an answer that cannot be read: {type(answer).__name__}", "")
    read_it: T = answer
    return read_it


def _serving(logs: Logs, options: Options) -> tuple[Release, datetime]:
    releases, current = logs.releases.releases(), logs.releases.current()
    if current is None:
        raise UnknownRelease(f"{logs.name} knows no release that serves", "")
    release = next((one for one in releases if one.id == current.id), current)
    live = served(release, releases)[0]
    return release, max(live, moment.parse(options["since"])) if options["since"] else live


def judged(lines: Sequence[str], errors: list[re.Pattern[str]], ignored: list[re.Pattern[str]], since: str, options: Options) -> Check:
    """The check, from the lines alone. What was cut off may have been errors, too."""
    cut = len(lines) > options["lines"]
    seen: Counter[str] = Counter()
    passed_over = 0
    for line in (line[:LONGEST] for line in lines[-options["lines"] :]):
        hit = next((pattern for pattern in errors if pattern.search(line)), None)
        if hit is None:
            continue
        if any(pattern.search(line) for pattern in ignored):
            passed_over += 1
        else:
            seen[hit.pattern] += 1
    total, count = min(len(lines), options["lines"]), sum(seen.values())
    expected = f"at most {options['at_most']} lines that look like errors"
    also = f", {passed_over} ignored" if passed_over else ""
    got = f"{count} of {total} lines since {since}{also}"
    if count > options["at_most"]:
        return _check(options, "BAD", expected, f"{got}: {'; '.join(f'{many} of {pattern}' for pattern, many in seen.most_common(3))}")
    if cut:
        return _check(options, "UNKNOWN", expected, f"{got}, and there were more lines than are read")
    if total < options["min_lines"]:
        return _check(options, "UNKNOWN", f"at least {options['min_lines']} lines to tell from", got)
    return _check(options, "OK", expected, got)


def _unknown(options: Options, why: str) -> Check:
    return _check(options, "UNKNOWN", "logs that can be read", why)


def _check(options: Options, verdict: str, expected: str, got: str) -> Check:
    return checked(f"{options['target']}: logs", verdict, step="logs", expected=expected, got=got)


def _compiled(patterns: list[str]) -> list[re.Pattern[str]]:
    try:
        return [re.compile(pattern) for pattern in patterns]
    except re.error as error:
        raise Refused(f"{error.pattern!r} is no regular expression: {error.msg}", "Correct patterns or ignore.") from None


CHECK = Operation({**ANY.arguments_of("logs"), **ARGUMENTS}, check)
