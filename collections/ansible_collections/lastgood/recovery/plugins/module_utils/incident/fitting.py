# SPDX-License-Identifier: GPL-3.0-or-later
"""Does what the plan leads to fit together? Every state that the rollback may end in, conditional tiers with and without."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain, refusals
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.coherence import Member, Stack, migrations
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.plan_rows import Row, condemned_of, releases_of
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release


@dataclass(frozen=True)
class Fit:
    """C(broken) says what does not fit, C(unknown) what nobody can tell, C(instead) what would fit; C(name) is that of the refusal."""

    name: str
    broken: tuple[str, ...]
    unknown: tuple[str, ...]
    instead: str


NOTHING = Fit("", (), (), "")
"""Of a plan in which nothing goes back."""


def fit(options: Options, rows: Sequence[Row], good_at: str, digest: str) -> Fit:
    """Of the plan with that hash."""
    stack, at, states = _stack(options, rows), moment.parse(good_at), _states(rows, options)
    misfits = [misfit for going in states for misfit in stack.misfits(at, going)]
    broken = tuple(dict.fromkeys(misfit.says for misfit in misfits if misfit.sure))
    unknown = tuple(dict.fromkeys(misfit.says for misfit in misfits if not misfit.sure))
    name = refusals.name_of(refusals.COHERENCE, chain.digest(digest, chain.canonical({"broken": broken}))) if broken else ""
    return Fit(name, broken, unknown, _instead(stack, at, states) if broken else "")


def judged(options: Options, found: Fit, events: Iterable[Mapping[str, Any]]) -> str:
    """What is gone on against, in words, or nothing; Refused when it does not fit. What is half done is seen through all the same."""
    if not found.broken or options["incident"]["resumed"]:
        return ""
    if refusals.overridden(events, found.name) or refusals.asked(refusals.COHERENCE, found.name, options):
        return found.broken[0]
    raise Refused("; ".join(found.broken), f"{found.instead} {refusals.how_to_override(found.name)}", refusal=found.name)


def _stack(options: Options, rows: Sequence[Row]) -> Stack:
    depends_on: dict[str, list[str]] = {}
    for name, given in options["depends_on"].items():
        if given:
            depends_on[name] = [given] if isinstance(given, str) else list(given)
    known = {*options["depends_on"], *options["tiers"]}
    for name, providers in depends_on.items():
        for provider in providers:
            if provider not in known:
                raise Refused(f"{name} depends on {provider}, which the inventory does not know", f"Correct depends_on of {name}.")
    schemas = {
        name: migrations(reading, options["breaking"].get(name) or {})
        for name, reading in options["schemas"].items()
        if "migrations" in reading
    }
    members = {
        name: Member(
            releases_of(reading),
            Release.from_dict(reading["serving"]) if reading["serving"] else None,
            condemned_of(options["incident"], name),
            schemas.get(name, []),
        )
        for name, reading in options["readings"].items()
        if "releases" in reading
    }
    databases = {
        row["target"]: [one for name, providers in depends_on.items() if row["target"] in providers for one in schemas.get(name, [])]
        for row in rows
        if row.get("loss") and row["changes"]
    }
    return Stack(members, depends_on, databases)


def _states(rows: Sequence[Row], options: Options) -> list[set[str]]:
    """Which targets may have gone back when it ends: those that do in any case, and all."""
    begun = {options["tiers"].get(target) for target in options["incident"]["touched"]}
    every = {row["target"] for row in rows if row["changes"]}
    sure = {row["target"] for row in rows if row["changes"] and (not row["only_if"] or row["tier"] in begun)}
    return [sure, every] if sure and sure != every else [every]


def _instead(stack: Stack, at: datetime, states: Sequence[Collection[str]]) -> str:
    """The nearest that fits, with what to type."""
    every = states[-1]
    nearest = stack.nearest(at, states)
    if nearest is not None:
        releases = ", ".join(f"{name} → {stack.members[name].at(nearest)}" for name in sorted(every) if name in stack.members)
        return f"Nearest set that fits: {releases}. The same command with -e good_at={moment.iso(nearest)}, and without bad_at."
    left = sorted(stack.most(at, states))
    if left:
        return f"No earlier moment fits. These fit without the others: the same command with --limit {','.join(left)}."
    return "No earlier moment fits, and no part of it by itself: fix forward, or restore the database with it."
