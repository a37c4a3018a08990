# SPDX-License-Identifier: GPL-3.0-or-later
"""One reader for each kind of status page. Whatever is of another form than known is Unreadable, never well."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.status_pages.page import (
    Notice,
    Said,
    Unreadable,
    listed,
    mapping,
    said,
    text,
    translated,
)

Reader = Callable[[Any, Sequence[str]], Said]
"""What the document says; of regions only those given count, and all when none are."""

INDICATORS = {"none": "operational", "maintenance": "maintenance", "minor": "degraded", "major": "partial outage", "critical": "outage"}
OVER = {"resolved", "postmortem", "completed"}
UNDER_WAY = {"in_progress", "verifying"}


def statuspage(document: Any, regions: Sequence[str]) -> Said:
    """Atlassian Statuspage and pages compatible with it, api/v2/summary.json. Its indicator may say none beside an open incident."""
    state = translated(mapping(document, "status").get("indicator"), INDICATORS, "indicator")
    notices = [
        Notice(
            text(one.get("name")) or "an incident",
            INDICATORS.get(str(one.get("impact")), "degraded"),
            text(one.get("started_at") or one.get("created_at")),
            text(one.get("shortlink")),
        )
        for one in listed(document, "incidents")
        if one.get("status") not in OVER
    ]
    notices += [
        Notice(text(one.get("name")) or "maintenance", "maintenance", text(one.get("scheduled_for")), text(one.get("shortlink")))
        for one in listed(document, "scheduled_maintenances")
        if one.get("status") in UNDER_WAY
    ]
    unwell = (one for one in listed(document, "components") if not one.get("group") and one.get("status") != "operational")
    return said([state], notices, filter(None, (text(one.get("name")) for one in unwell)))


WORST_IMPACTS = {"degraded_performance": "degraded", "partial_outage": "partial outage", "full_outage": "outage"}
REGION = re.compile(r"\b[a-z]{2}(?:-[a-z]+)+-\d\b")


def incident_io(document: Any, regions: Sequence[str]) -> Said:
    """incident.io, api/v1/summary; a page may have one below it for each region, whose title names it."""
    pages = [mapping(one, "summary") for one in listed(document, "subpages")] if "subpages" in mapping(document) else [mapping(document)]
    notices, seen = list[Notice](), set[str]()
    for page in pages:
        if not isinstance(page.get("ongoing_incidents"), list):
            raise Unreadable("no ongoing_incidents")
        title = text(page.get("page_title")) or ""
        named = REGION.findall(title)
        if regions and named and not set(named) & set(regions):
            continue
        for kind, state in (("ongoing_incidents", "degraded"), ("in_progress_maintenances", "maintenance")):
            for one in listed(page, kind):
                if str(one.get("id", title)) + kind in seen:
                    continue
                seen.add(str(one.get("id", title)) + kind)
                name, since = text(one.get("name")) or kind.replace("_", " "), text(one.get("created_at") or one.get("started_at"))
                worst = WORST_IMPACTS.get(str(one.get("current_worst_impact")), state)
                notices.append(Notice(f"{name} ({title})" if title else name, worst, since, text(one.get("url"))))
    return said([], notices)


PAGE = {"UP": "operational", "HASISSUES": "degraded", "UNDERMAINTENANCE": "maintenance"}
IMPACTS = {"OPERATIONAL": "operational", "MINOROUTAGE": "degraded", "PARTIALOUTAGE": "partial outage", "MAJOROUTAGE": "outage"}


def instatus(document: Any, regions: Sequence[str]) -> Said:
    """Instatus, summary.json; what is empty is left out."""
    state = translated(mapping(document, "page").get("status"), PAGE, "page.status")
    notices = [
        Notice(
            text(one.get("name")) or "an incident",
            IMPACTS.get(str(one.get("impact")), "degraded"),
            text(one.get("started")),
            text(one.get("url")),
        )
        for one in listed(document, "activeIncidents")
        if one.get("status") != "RESOLVED"
    ]
    notices += [
        Notice(text(one.get("name")) or "maintenance", "maintenance", text(one.get("start")), text(one.get("url")))
        for one in listed(document, "activeMaintenances")
        if one.get("status") == "INPROGRESS"
    ]
    return said([state], notices)


COLOURS = {"green": "operational", "blue": "maintenance", "yellow": "degraded", "red": "outage"}


def heroku(document: Any, regions: Sequence[str]) -> Said:
    """Heroku's own, api/v4/current-status. Its C(scheduled) holds what has long been done, and C(resolved) is not kept up; C(state) is."""
    systems = listed(document, "status")
    if not systems:
        raise Unreadable("no status")
    states = {str(one.get("system")): translated(one.get("status"), COLOURS, "status") for one in systems}
    notices = [
        Notice(text(one.get("title")) or "an incident", "degraded", text(one.get("created_at")), text(one.get("full_url")))
        for one in listed(document, "incidents")
        if one.get("state") != "resolved"
    ]
    return said(states.values(), notices, (name for name, state in states.items() if state != "operational"))


UPTIME = {"up": "operational", "degraded": "degraded", "down": "outage"}


def stripe(document: Any, regions: Sequence[str]) -> Said:
    """Stripe's own, current/full; not documented, and its form has changed before."""
    body = mapping(document)
    word = body.get("UptimeStatus", body.get("largestatus"))
    state = translated(word.lower() if isinstance(word, str) else word, UPTIME, "UptimeStatus")
    warned = [one for one in listed(document, "uptimeData") if one.get("warning")]
    told = text(body.get("message"))
    notices = [Notice(told or "Stripe reports trouble", state)] if state != "operational" else []
    notices += [Notice(f"{text(one.get('title')) or 'a service'}: {text(one.get('warning')) or 'warning'}", "degraded") for one in warned]
    return said([state], notices, filter(None, (text(one.get("title")) for one in warned)))


CODES = {"0": "operational", "1": "operational", "2": "degraded", "3": "outage"}


def aws(document: Any, regions: Sequence[str]) -> Said:
    """AWS Health's public events: what is open at the moment, in all regions. Without regions, somewhere is always something."""
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise Unreadable("no list of events")
    notices = []
    for one in document:
        arn = str(one.get("arn", "")).split(":")
        region = arn[3] if len(arn) > 3 else ""
        if "status" not in one:
            raise Unreadable("an event without a status")
        code = str(one["status"])
        if code == "0" or (regions and region and region not in regions):
            continue
        what = ": ".join(filter(None, (text(one.get("service_name")), text(one.get("summary")))))
        place = region or text(one.get("region_name")) or "everywhere"
        notices.append(Notice(f"{what or 'an event'} ({place})", CODES.get(code, "degraded"), _since(one.get("date"))))
    return said([], notices)


def _since(seconds: Any) -> str | None:
    try:
        return moment.iso(datetime.fromtimestamp(float(seconds), UTC))
    except (TypeError, ValueError, OverflowError, OSError):
        return None


KINDS: dict[str, Reader] = {
    "statuspage": statuspage,
    "incident_io": incident_io,
    "instatus": instatus,
    "heroku": heroku,
    "stripe": stripe,
    "aws": aws,
}
