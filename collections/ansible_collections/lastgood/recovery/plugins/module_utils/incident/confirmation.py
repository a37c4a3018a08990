# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a rollback may start: the person types what it will do, unless the severity or the journal says it was agreed."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotConfirmed
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

ARGUMENTS: dict[str, Any] = {
    "incident": {"type": "dict", "required": True},
    "confirmed": {"type": "str", "default": ""},
    "seconds": {"type": "int", "default": 60},
    "fresh": {"type": "float", "default": 10},
}


def operation(ask: Callable[[str, int], str | None]) -> Operation:
    """The confirmation; C(ask) shows a question for some seconds and returns the answer, or None where nobody can answer."""
    return Operation(ARGUMENTS, lambda options, run: confirm(options, run, ask))


def confirm(options: Options, run: Run, ask: Callable[[str, int], str | None]) -> Result:
    """How it was confirmed; NotConfirmed when it was not. C(look_again) when the plan is so old by then that the world may have moved."""
    incident, phrase = options["incident"], options["incident"]["plan"]["phrase"]
    if run.check or not incident["plan"]["changes"]:
        return {"summary": "nothing to confirm", "look_again": False}
    events = Store(incident["store"]).find(incident["id"]).journal.events()
    if any(event["event"] == "confirmed" and event["phrase"] == phrase for event in events):
        return {"summary": "confirmed in an earlier run of this incident", "look_again": _old(options)}
    if incident["plan"]["p0_skips"] and incident["severity"] == "P0":
        how = incident["severity"]
    elif options["confirmed"]:
        _same(options["confirmed"], phrase)
        how = "extra variable"
    else:
        answer = ask(f"Type {phrase} to go on", options["seconds"])
        if answer is None:
            urgent = ", or -e severity=P0 when every minute counts" if incident["plan"]["p0_skips"] else ""
            raise NotConfirmed("nobody is there to confirm it", f"Add -e confirmed='{phrase}'{urgent}.")
        _same(answer, phrase)
        how = "typed"
    run.record("confirmed", by=incident["by"], how=how, phrase=phrase)
    return {"summary": f"confirmed by {incident['by']} ({how})", "look_again": _old(options)}


def _old(options: Options) -> bool:
    made_at = options["incident"]["plan"].get("made_at")
    return bool(made_at) and (datetime.now(UTC) - moment.parse(made_at)).total_seconds() > options["fresh"]


def _same(given: str, phrase: str) -> None:
    if given.strip() != phrase:
        raise NotConfirmed(f"'{given.strip()}' does not confirm it", f"The words are: {phrase}")
