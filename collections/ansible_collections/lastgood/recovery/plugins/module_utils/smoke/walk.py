# SPDX-License-Identifier: GPL-3.0-or-later
"""Walking through a flow once, up to the first step that is not answered as expected."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.smoke import expectation
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.answer import (
    MISSING,
    Answer,
    NoAnswer,
    ask,
    find,
    new_session,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.flow import FILLED, Step, filled, source_of
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction

EXCERPT = 120
"""Characters of anything that an answer said."""


@dataclass(frozen=True)
class Trouble:
    """Where a walk ended early, and why; fit to be shown."""

    step: str
    expected: str
    got: str
    body: str | None = None
    silent: bool = False
    """Nothing came back."""
    ours: bool = False
    """Nothing came back, and the fault is on this side: the name cannot be resolved, the proxy refuses."""


@dataclass(frozen=True)
class Walk:
    """One walk through a flow: it passed when there was no trouble."""

    seconds: float
    answered: bool
    """Whether anything out there answered at all."""
    trouble: Trouble | None


def walk(steps: Iterable[Step], secrets: Mapping[str, Any]) -> Walk:
    """Make the requests in order, carrying cookies and captured values along. Neither raises nor shows a secret."""
    started = time.monotonic()
    answered = False
    trouble = None
    with new_session() as session:
        walker = _Walker(session, secrets)
        for step in steps:
            trouble = walker.take(step)
            answered = answered or trouble is None or not trouble.silent
            if trouble:
                break
    return Walk(time.monotonic() - started, answered, trouble)


class _Walker:
    def __init__(self, session: Any, secrets: Mapping[str, Any]) -> None:
        self.session = session
        self.known = dict(secrets)
        self.redaction = Redaction()
        self.redaction.learn(secrets)

    def take(self, step: Step) -> Trouble | None:
        request = {**step, **{part: filled(step[part], self.known) for part in FILLED}}
        self.redaction.learn_named([request["headers"], request["body"], request["form"]])
        label = f"{step['method']} {urlsplit(step['url']).path or '/'}"
        try:
            answer = ask(self.session, request)
        except NoAnswer as none:
            return Trouble(label, "an answer", str(none), silent=not none.begun, ours=none.ours)
        captured = {name: _captured(source, answer) for name, source in step["capture"].items()}
        self._learn(captured, answer)
        wrong = expectation.mismatch(request["expect"], answer)
        if wrong:
            return Trouble(label, self._shown(wrong.expected), self._shown(wrong.got), self._shown(answer.text))
        for name, value in captured.items():
            if value is MISSING:
                return Trouble(label, f"a value for {name}", "an answer without it", self._shown(answer.text))
        self.known |= captured
        return None

    def _learn(self, captured: Mapping[str, Any], answer: Answer) -> None:
        """What must not be shown, learnt before the answer is judged: a login that fails may still tell a token."""
        self.redaction.learn([value for value in captured.values() if value is not MISSING])
        self.redaction.learn([cookie.value for cookie in self.session.cookies])
        self.redaction.learn_named(answer.json())

    def _shown(self, text: str) -> str:
        """On one line, cut only after the secrets are out: half a secret would no longer be recognised."""
        line = " ".join(self.redaction.hide(text).split())
        return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"


def _captured(source: Any, answer: Answer) -> Any:
    """The JSON value, the header, or what the first group of the pattern (or all of it) matches in the body; or MISSING."""
    kind, where = source_of(source)
    if kind == "json":
        return find(answer.json(), where)
    if kind == "header":
        return answer.headers.get(where, MISSING)
    match = re.search(where, answer.text)
    return match[match.re.groups and 1] if match else MISSING
