# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan as a person reads it at night: at most 80 columns and about 20 lines for a handful of targets."""
from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import contacts, keeping, scenario_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.awx_workflow import in_awx
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.commands import command
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.expectation import TOO_LONG
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.requirements import in_words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.shown import LENGTH
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH

HEADS = {
    "targets": ("target", "serving now", "goes back to", "why"),
    "measures": ("measure", "is now", "becomes", "how"),
}
APPROVAL = {"P0": "no approval needed"}


def screen(incident: Mapping[str, Any], plan: Mapping[str, Any], checks: Mapping[str, Any] | None) -> list[str]:
    """Lines: where and what, since when and how long, the table from → to, what comes back and what does not."""
    now = datetime.now(UTC)
    since = moment.parse(incident["bad_at"])
    approval = APPROVAL.get(incident["severity"], "asks for confirmation")
    title = f"{incident['environment_title']} · {incident['id']} · {incident['severity']}, {approval}"
    works = checks is not None and checks["verdict"] == "OK"
    ago = moment.span(max(0.0, (now - since).total_seconds()))  # 02:38 is the whole minute, which may not be over
    since_when = f"since {since:%H:%M} UTC ({ago})" if incident["moment_given"] and not works else "now"
    broken = f"{scenario_words.state(incident['scenario'], works)} {since_when}"
    if incident["reason"]:
        broken += f": {incident['reason']}"
    lines = [*_wrap(title), *_wrap(f"{broken}. {_forecast(incident, plan)}")]
    if checks:
        lines += _wrap(f"Now: {checks['summary']}.")
    if way := plan.get("way"):
        lines += _wrap(f"{way['says']}, because {'; '.join(way['because'])}.")
    lines += _approvals(plan.get("approvals"), incident)
    taken = plan.get("measures", [])
    lines += ["", *_table(plan["targets"])] if plan["targets"] else []
    lines += ["", *_table(taken, measures=True)] if taken else []
    lines += [""]
    for row in [*plan["targets"], *taken]:
        if row["only_if"] and row["changes"]:
            lines += _wrap(f"{row['target']}: only if {row['only_if']}.", "  ")
    moving, changing = ([row for row in rows if row["changes"]] for rows in (plan["targets"], taken))
    if moving:
        lines += _wrap("Comes back: " + _list(word for row in moving for word in row["comes_back"]) + ".", "  ")
        lines += _wrap("Stays as it is: " + _list(word for row in moving for word in row["stays"]) + ".", "  ")
        lines += _open_to_pushes(moving)
        lines += [line for text in _worth_knowing(plan, moving, now) for line in _wrap(text, "  ")]
        lines += _wrap(f"Afterwards new pushes do not go live until you{'' if in_awx() else ' type'}:", "  ")
    elif changing:
        lines += [line for text in _worth_knowing(plan, changing, now) for line in _wrap(text, "  ")]
        lines += _wrap("To keep it like that afterwards:", "  ")
    if moving or changing:
        lines += [f"    {command(incident, 'commit')}", "  To undo:", f"    {command(incident, 'undo')}"]
    elif plan["targets"]:
        lines += _wrap("Every target is serving that already: there is nothing to roll back.", "  ")
    else:
        lines += _wrap("It is like that already: there is nothing to change.", "  ")
    if (moving or changing) and not incident["directory"]:
        lines += _wrap(f"This is plan {plan['hash'][:LENGTH]}; {_this_one(plan['hash'][:LENGTH])}", "  ")
    return [*lines, ""]


def _this_one(short: str) -> str:
    return "a workflow of AWX applies this one or none." if in_awx() else f"to apply this one or none: -e plan={short}"


def _approvals(approvals: Mapping[str, Any] | None, incident: Mapping[str, Any]) -> list[str]:
    """Who must approve it, who has, whose word is missing, and how to reach them."""
    if not approvals:
        return []
    given = f", given by {', '.join(approvals['by'])}" if approvals["by"] else ""
    missing = f"; missing: {in_words(approvals['missing'])}" if approvals["missing"] else ""
    lines = _wrap(f"Needs the approval of {in_words(approvals['needs'])}{given}{missing}.")
    people = contacts.whose_word(incident.get("contacts") or {}, approvals["missing"])
    return lines + [line for text in people for line in _wrap(text, "  ")]


def _worth_knowing(plan: Mapping[str, Any], moving: Iterable[Mapping[str, Any]], now: datetime) -> list[str]:
    """How long each takes, how a loss is known, what is kept for too short a time, and what nobody knows."""
    rows = list(moving)
    told = []
    if any(row["expected"]["runs"] for row in rows):
        told.append("Expected: " + ", ".join(f"{row['target']} {_seconds(row['expected'])}" for row in rows) + ".")
    for row in rows:
        loss = row.get("loss")
        if loss and (loss["estimated"] or loss["rows"] is None):
            told.append(f"{row['target']}: the loss is {'estimated ' if loss['rows'] is not None else ''}{loss['how']}.")
        if row.get("way"):
            told.append(f"{row['target']}: option {row['way']['option']}, because {row['way']['why']}.")
        if row.get("kept"):
            told.append(keeping.warning(row["target"], row["vendor"], keeping.Kept.from_dict(row["kept"]), now))
    told += [f"Not known: {text}." for text in plan["unknown"]]
    if plan["against"]:
        told.append(f"! Goes on against {plan['against']['id']}: {plan['against']['refusal']}.")
    return [text for text in told if text]


def _seconds(expected: Mapping[str, Any]) -> str:
    return f"{moment.span(expected['p50'])} (p95 {moment.span(expected['p95'])})" if expected["runs"] else "no history"


def _open_to_pushes(moving: Iterable[Mapping[str, Any]]) -> list[str]:
    """A warning for targets where the next push goes live all the same."""
    rows = [row for row in moving if not row.get("holds", True)]
    if not rows:
        return []
    vendors = " and ".join(dict.fromkeys(row["vendor"] for row in rows))
    return _wrap(f"{vendors} cannot keep pushes away: the next one to {_list(row['target'] for row in rows)} goes live.", "  ")


def _forecast(incident: Mapping[str, Any], plan: Mapping[str, Any]) -> str:
    expected, fit = plan["expected"], plan["rto"]
    rto = f"RTO {moment.span(incident['rto'])}: {fit['verdict']}" if incident["rto"] else "No RTO declared"
    if fit["verdict"] == TOO_LONG:
        rto += f", {fit['why']}"
    if not expected["runs"]:
        return f"{rto} · no earlier run to expect a time from"
    runs = f"{expected['runs']} earlier run{'s' if expected['runs'] > 1 else ''}"
    drills = f" in {expected['drills_in']}" if expected.get("drills_in") else ""
    return f"{rto} · expected {moment.span(expected['p50'])} (p95 {moment.span(expected['p95'])}, {runs}{drills})"


def _table(rows: Iterable[Mapping[str, Any]], measures: bool = False) -> list[str]:
    head = HEADS["measures" if measures else "targets"]

    def cell(state: Mapping[str, Any] | None) -> str:
        return str(state["id"]) if measures and state else _cell(state)

    body = [
        (f"{row['tier']} {row['target']}", cell(row["from"]), cell(row["to"]) if row["changes"] else "stays", row["why"])
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [head, *body]) for column in range(3)]
    rest = max(16, WIDTH - sum(widths) - 8)
    lines = []
    for line in [head, *body]:
        first, *more = textwrap.wrap(line[3], rest) or [""]
        lines.append("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=False)) + f"  {first}".rstrip())
        lines += [" " * (sum(widths) + 8) + text for text in more]
    return lines


def _cell(release: Mapping[str, Any] | None) -> str:
    if release is None:
        return "nothing"
    if release["id"] == release["live_from"]:  # a state of that moment, not a release
        return f"as at {moment.parse(release['id']):%a %H:%M}"
    name = release["artifact"][:7] if len(release["artifact"]) == 40 else _short(release["id"])
    return f"{name} {moment.parse(release['live_from']):%a %H:%M}" if release["live_from"] else name


def _short(id: str) -> str:
    """The beginning of an id; of a name with a number behind a colon the number has to be seen."""
    name, colon, number = id.rpartition(":")
    return f"{name[: 11 - len(number)]}…:{number}" if colon and len(id) > 12 else id[:12]


def _list(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _wrap(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
