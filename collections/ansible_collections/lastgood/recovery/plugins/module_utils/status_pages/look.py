# SPDX-License-Identifier: GPL-3.0-or-later
"""All the pages at the same time, in a few seconds; a page that cannot be read is UNKNOWN and holds nothing up."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import SIGNS, checked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, TimedOut
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.contacts import ARGUMENTS as CONTACTS
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.contacts import of_vendor
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.side_by_side import at_once
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.answer import MISSING, NoAnswer, ask, new_session
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.formats import KINDS
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.known import KNOWN, Source
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.page import Said, Unreadable

ARGUMENTS: dict[str, Any] = {
    "vendors": {"type": "list", "elements": "str", "default": sorted(KNOWN)},
    "pages": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "vendor": {"type": "str", "required": True},
            "url": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": sorted(KINDS)},
        },
    },
    "regions": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 4},
    "contacts": CONTACTS["contacts"],
}


def look(options: Options, run: Run) -> Result:
    """A verdict for each vendor, and in C(vendors) what its page says; it never fails, and ends in time."""
    vendors = list(dict.fromkeys(options["vendors"]))
    sources = {vendor: source for vendor in vendors if (source := _source(vendor, options["pages"]))}
    timeout, regions = options["timeout"], options["regions"]
    began = time.monotonic()
    seen = at_once({vendor: partial(_read, source, timeout, regions) for vendor, source in sources.items()}, began + timeout)
    rows = [_row(vendor, sources.get(vendor), seen.get(vendor), timeout) for vendor in vendors]
    rows = [row | {"support": of_vendor(options["contacts"], row["vendor"])} for row in rows]
    result = found([_check(row) for row in rows], "vendors", "are well by their own word")
    result |= {} if rows else {"summary": "no vendor is asked"}
    theirs = [row["vendor"] for row in rows if row["verdict"] == "BAD"]
    run.record("vendor_status", verdict=result["verdict"], vendors=rows)
    return {**result, "vendors": rows, "theirs": theirs, "screen": _screen(rows)}


def _source(vendor: str, pages: Sequence[dict[str, Any]]) -> Source | None:
    known = KNOWN.get(vendor)
    for page in pages:
        if page["vendor"] == vendor:
            return Source(page["url"], page["url"], page["kind"] or (known.kind if known else "statuspage"))
    return known


def _read(source: Source, timeout: float, regions: Sequence[str]) -> tuple[Said, float]:
    """What the page says and the seconds it took; NoAnswer or Unreadable."""
    request = dict[str, Any](method="GET", url=source.url, headers={}, body=None, form=None, timeout=timeout, follow=True)
    with new_session() as session:
        answer = ask(session, request)
    if not 200 <= answer.status < 300:
        raise Unreadable(f"status {answer.status}")
    document = answer.json()
    if document is MISSING:
        raise Unreadable("no JSON")
    return KINDS[source.kind](document, regions), answer.seconds


def _row(vendor: str, source: Source | None, seen: Any, timeout: float) -> dict[str, Any]:
    row: dict[str, Any] = {"vendor": vendor, "page": source.page if source else None, "verdict": "UNKNOWN", "state": None, "why": None}
    row |= {"notices": [], "affected": [], "seconds": 0.0}
    if source is None:
        return row | {"why": "no status page is known"}
    if isinstance(seen, BaseException):
        return row | {"why": _why(seen, timeout)}
    page, seconds = seen
    return row | {
        "verdict": "OK" if page.state == "operational" else "BAD",
        "state": page.state,
        "notices": [{"name": one.name, "state": one.state, "since": one.since, "url": one.url} for one in page.notices],
        "affected": list(page.affected),
        "seconds": round(seconds, 3),
    }


def _why(error: BaseException, timeout: float) -> str:
    if isinstance(error, TimedOut):
        return f"no answer within {moment.span(timeout)}"
    if isinstance(error, Unreadable):
        return f"an answer that cannot be read: {error}"
    return str(error) if isinstance(error, NoAnswer | RecoveryError) else f"an answer that cannot be read: {type(error).__name__}"


def _check(row: dict[str, Any]) -> dict[str, Any]:
    if row["verdict"] == "OK":
        return checked(row["vendor"], "OK", seconds=row["seconds"])
    where = f"GET {urlsplit(row['page']).netloc}" if row["page"] else None
    return checked(row["vendor"], row["verdict"], step=where, expected="operational", got=_words(row), seconds=row["seconds"])


def _words(row: dict[str, Any]) -> str:
    """C(partial outage: Deployments are slow, since 02:10), or why that is not known."""
    if row["verdict"] == "UNKNOWN":
        return str(row["why"])
    told = [one["name"] + (f", since {one['since']}" if one["since"] else "") for one in row["notices"][:2]]
    more = [f"{len(row['notices']) - 2} more"] if len(row["notices"]) > 2 else []
    parts = [", ".join(row["affected"][:3])] if row["affected"] and not told else []
    return ": ".join(filter(None, [row["state"], "; ".join([*told, *more, *parts])]))


def _screen(rows: Sequence[dict[str, Any]]) -> list[str]:
    """A line for each vendor, those that are not well with the page to look at."""
    width = max((len(row["vendor"]) for row in rows), default=0)
    lines = []
    for row in rows:
        where = f" ({row['page']})" if row["page"] and row["verdict"] != "OK" else ""
        where += f"; their support: {row['support']}" if row["support"] and row["verdict"] == "BAD" else ""
        line = f"{SIGNS[row['verdict']]} {row['vendor']:<{width}}  {_words(row)}{where}"
        lines += textwrap.wrap(line, WIDTH, subsequent_indent=" " * (width + 4), break_on_hyphens=False, break_long_words=False)
    return lines


STATUS = Operation(ARGUMENTS, look)
