# SPDX-License-Identifier: GPL-3.0-or-later
"""What a vendor answers is believed to have the agreed form until reading it fails, wherever that happens."""
from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import PurePath
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Unanswered, Unreadable
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import NotATime
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

MISREAD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, NotATime)
"""How a provider fails on an answer of another form: a row without its id, a list that is an object, a time that is none."""


class Readable:
    """A part of a vendor whose every method raises the errors of C(errors.py) and nothing else.

    A method that cannot read an answer raises Unreadable; once it has asked for a change, Unanswered, so that whoever called
    it reads back before asking again. An attribute set on it would not reach the part, and is an error.
    """

    __slots__ = ("_changes", "_name", "_part")

    def __init__(self, vendor: str, part: Callable[[Options, Run], Any], options: Options, run: Run) -> None:
        self._changes = 0
        record = run.record

        def counted(event: str, **fields: Any) -> None:
            self._changes += event == "call"
            record(event, **fields)

        self._part = part(options, replace(run, record=counted))
        self._name = getattr(self._part, "name", vendor)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        return self._guarded(found) if callable(found) else found

    def _guarded(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*given: Any, **named: Any) -> Any:
            before = self._changes
            try:
                return method(*given, **named)
            except MISREAD as misread:
                form = f"answered in a form that is not its API's ({_where(misread)})"
                if self._changes > before:
                    raise Unanswered(f"{self._name} accepted a change, then {form}", _READS_BACK) from None
                raise Unreadable(f"{self._name} {form}", _ELSEWHERE) from None

        return call


_READS_BACK = "It may or may not have taken effect; run the same command again, it reads back first."
_ELSEWHERE = (
    "Something on the way may answer in the vendor's place, or its API has changed; run the same command again, "
    "and if that does not help, act at the vendor by hand."
)


def _where(misread: Exception) -> str:
    """C(KeyError in releases.py, line 48). Never the error's own words: they may quote the answer."""
    frames = traceback.extract_tb(misread.__traceback__)
    own = [frame for frame in frames if {"providers", "flags"} & set(PurePath(frame.filename).parts)]
    last = (own or frames)[-1]
    return f"{type(misread).__name__} in {PurePath(last.filename).name}, line {last.lineno}"
