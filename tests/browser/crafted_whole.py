"""An incident with everything a report can show: metrics, a database, objectives, telling, overrides, a watch, checklists, evidence."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.browser.crafted import (
    BAD_API,
    BAD_SHOP,
    GOOD_API,
    GOOD_SHOP,
    OPENED,
    at,
    began,
    ended,
    incident,
    planned,
)

BACK = "Roll the frontends back"
TOLD_LINK = "https://rachelfoods.slack.com/archives/C0INC/p1763779270000100"
SINCE = "2026-11-22T02:14:00.000Z"
LOSS = {"seconds": 1623.2, "since": SINCE, "rows": {"public.orders": 312, "public.payments": 298}}
MEASURED = {"seconds": 1650.0, "since": SINCE, "rows": 316,
            "tables": {"public.orders": {"written": 312, "changed_or_deleted": 4}}}


def whole_incident(**more: Any) -> dict[str, Any]:
    """incident.yml with what write_report adds."""
    return {**incident(
        objectives={"services": {"frontend": {"rto": 300}, "backend": {"rto": 600}, "shop-db": {"rto": 900, "rpo": 900}}},
        checklists=[
            {"name": "Within 15 minutes", "items": [
                {"text": "Critical flows work", "state": "done", "by": "machine", "why": "4 of 4 at 02:41:30 UTC"},
                {"text": "Error rate below 1 %", "state": "failed", "by": "machine", "why": "error rate: got 2.4 %"},
                {"text": "Ask support for new tickets", "state": "open", "by": "person", "why": "nobody but a person can know"}]},
            {"name": "Within 24 hours", "items": [{"text": "Hold the post-mortem", "state": "open", "by": "person", "why": ""}]}],
        evidence=[
            {"file": "approvals/0a1b2c3d-9f8e7d6c.json", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
            {"file": "journal.jsonl", "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
             "note": "41 lines, chain head fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13"}],
    ), **more}


def metric(name: str, unit: str, verdict: str, value: float | None, series: list[list[Any]], limit: str) -> dict[str, Any]:
    """One metric's check."""
    got = f"{value} {unit}" if value is not None else "no samples"
    most = float(limit.split()[2])
    return {"name": name, "verdict": verdict, "expected": limit if verdict != "OK" else None, "got": got if verdict != "OK" else None,
            "seconds": 0.1, "value": value, "unit": unit, "series": series, "at_least": None, "at_most": most}


def samples(start: float, end: float, *values: float | None) -> list[list[Any]]:
    """So many samples from C(start) to C(end), seconds since the incident was opened; the values in turn, each for its part of the time."""
    count = 20
    step = (end - start) / (count - 1)
    return [[at(start + step * number), values[number * len(values) // count]] for number in range(count)]


def look(seconds: float, phase: str, verdict: str, *checks: dict[str, Any]) -> dict[str, Any]:
    """One look at one flow and the metrics given."""
    flow = {"name": "order and pay", "verdict": verdict, "expected": "status 201", "seconds": 0.8,
            "got": "status 201" if verdict == "OK" else "status 500"}
    worst = max((flow, *checks), key=lambda check: ("OK", "UNKNOWN", "BAD").index(check["verdict"]))
    return {"at": at(seconds), "event": "checked", "phase": phase, "verdict": worst["verdict"], "checks": [flow, *checks]}


def told(seconds: float, stage: str, channel: str, state: str, summary: str, link: str = "") -> dict[str, Any]:
    """One message."""
    return {"at": at(seconds), "event": "told", "stage": stage, "channel": channel, "state": state, "summary": summary, "link": link}


def whole_journal() -> list[dict[str, Any]]:
    """A rollback of two frontends, a backend and a database, watched for half an hour; its metric has a gap and an UNKNOWN."""
    rate, latency = "error rate", "latency p95"
    few, quick = "at most 1 %", "at most 500 ms"
    expected = {"runs": 7, "p50": 12.0, "p95": 20.0}
    steps = []
    moves = (("storefront", BAD_SHOP, GOOD_SHOP, 6), ("backoffice", BAD_SHOP, GOOD_SHOP, 14), ("api", BAD_API, GOOD_API, 40))
    for name, bad, good, took in moves:
        steps += [began(30, name, BACK, "r1"),
                  ended(30 + took, name, BACK, "r1", "changed", took, **{"from": bad, "to": good, "held": True, "held_before": False})]
    steps.sort(key=lambda step: step["at"])
    database: dict[str, str] = {"id": at(0), "artifact": at(0), "created_at": at(0), "live_from": at(0), "title": ""}
    as_of = {**database, "id": SINCE, "artifact": SINCE}
    return [
        {"at": at(0), "event": "opened", "run": "r1", "by": "maria"},
        look(1, "before", "BAD", metric(rate, "%", "BAD", 31.4, samples(-900, 0, 0.3, 0.4, 31.0, 34.2), few),
             metric(latency, "ms", "BAD", 4100.0, samples(-900, 0, 310, 290, 3900, None), quick)),
        {"at": at(2), "event": "plan", "expected": {"runs": 7, "p50": 60.0, "p95": 90.0}, "targets": [
            planned("storefront", "frontend", BAD_SHOP, GOOD_SHOP, expected=expected, holds=True),
            planned("backoffice", "frontend", BAD_SHOP, GOOD_SHOP, expected={"runs": 1, "p50": 9.0, "p95": 9.0}, holds=True),
            planned("api", "backend", BAD_API, GOOD_API, expected={"runs": 0}, holds=False),
            planned("shop-db", "database", database, as_of, loss=LOSS)]},
        {"at": at(3), "event": "overridden", "id": "coherence-1a2b3c4d", "by": "maria", "reason": "the migration only adds a column",
         "refusal": "api is older than the schema can bear"},
        {"at": at(20), "event": "approved", "by": [{"approver": "anna@x.com", "roles": ["cto"], "at": at(19)}]},
        {"at": at(21), "event": "confirmed", "by": "maria", "how": "typed"},
        {"at": at(22), "event": "lock_taken", "holder": "maria"},
        told(23, "started", "incident channel", "sent", "Rollback of checkout started", TOLD_LINK),
        told(24, "started", "status page", "failed", "it did not answer within 4 s"),
        *steps,
        began(45, "shop-db", "Restore the database", "r1"),
        ended(88, "shop-db", "Restore the database", "r1", "changed", 43, **{"from": database, "to": as_of}),
        {"at": at(88), "event": "loss", "target": "shop-db", "loss": MEASURED},
        look(50, "after frontend", "BAD", metric(rate, "%", "UNKNOWN", None, [], few), metric(latency, "ms", "OK", 320.0, [], quick)),
        look(95, "after database", "OK", metric(rate, "%", "OK", 0.8, [], few), metric(latency, "ms", "OK", 320.0, [], quick)),
        {"at": at(96), "event": "verdict", "verdict": "RESTORED", "reason": "3 of 3 checks pass"},
        {"at": at(97), "event": "closed", "run": "r1"},
        told(98, "restored", "incident channel", "sent", "Checkout works again after 4 min 40 s", TOLD_LINK),
        look(900, "watch 1", "OK", metric(rate, "%", "OK", 0.3, samples(300, 900, 0.8, 0.3), few),
             metric(latency, "ms", "OK", 300.0, samples(100, 900, 320, 300), quick)),
        look(1800, "watch 2", "OK", metric(rate, "%", "BAD", 2.4, samples(910, 1800, 0.3, 2.4), few),
             metric(latency, "ms", "UNKNOWN", None, [], quick)),
    ]


WHOLE_NOW = OPENED + timedelta(seconds=1900)
