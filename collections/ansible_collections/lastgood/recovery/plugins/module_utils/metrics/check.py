# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics of whatever source as one verdict, looked at until it is good or the time is over."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import BEFORE, Check, failed_if_asked, found
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError, Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.looking import until_well
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics import cloudwatch
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.datadog import Datadog
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.options import ARGUMENTS
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.prometheus import Prometheus
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.reading import Limits, Reading, judged
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.sentry import Sentry
from ansible_collections.lastgood.recovery.plugins.module_utils.metrics.source import Metric, Source, Window
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.readable import MISREAD
from ansible_collections.lastgood.recovery.plugins.module_utils.side_by_side import at_once

SOURCES: dict[str, Callable[[dict[str, Any], Run], Source]] = {"prometheus": Prometheus, "sentry": Sentry, "datadog": Datadog}
CLOUDWATCH = "cloudwatch"
STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "Last")


def check(options: Options, run: Run) -> Result:
    """What the metrics say in the end. A source that cannot be asked makes its metrics UNKNOWN, and says why."""
    metrics = options["metrics"]
    names = [metric["name"] for metric in metrics]
    if not names:
        raise Refused("nothing is asked for", "Give metrics.")
    if len(set(names)) < len(names):
        raise Refused("two metrics have the same name", "Give every metric a name of its own.")
    for metric in metrics:
        source, statistic = metric["source"], metric["statistic"]
        if source != CLOUDWATCH and statistic not in STATISTICS:
            raise Refused(f"{metric['name']}: {source} has no statistic {statistic}", f"Give one of {', '.join(STATISTICS)}.")
    since = _since(options)
    result = until_well(
        lambda: found(_look(options, since, run), "metrics", "are within limits"),
        run.tell,
        options["timeout"],
        options["poll"],
        max(1, options["looks"]),
        options["pause"],
    )
    run.record("checked", kind="metrics", phase=options["phase"], verdict=result["verdict"], checks=result["checks"])
    return failed_if_asked(result, options["fail"])


def last_moved(events: list[dict[str, Any]]) -> str | None:
    """When a target of the incident was last moved, from its journal; None when none was yet."""
    results = [event for event in events if event["event"] == "result" and event.get("kind") == "release"]
    return max((event["at"] for event in results if event["status"] == "changed" and not _only_held(event)), default=None)


def _only_held(event: dict[str, Any]) -> bool:
    """Whether it changed nothing but whether new pushes go live."""
    before, after = event.get("from") or {}, event.get("to") or {}
    return "artifact" in before and before["artifact"] == after.get("artifact")


def _since(options: Options) -> float | None:
    incident = options["incident"] if options["phase"] != BEFORE else None
    text = options["since"] or (last_moved(Journal(incident["journal"]).events()) if incident and incident.get("journal") else None)
    return moment.parse(text).timestamp() if text else None


def _look(options: Options, since: float | None, run: Run) -> list[Check]:
    """Every metric once, all at the same time, in the order they were given."""
    metrics: list[Metric] = options["metrics"]
    now = time.time()
    tasks: dict[str, Callable[[], Any]] = {}
    ours = [metric for metric in metrics if metric["source"] == CLOUDWATCH]
    for metric in metrics:
        if metric["source"] != CLOUDWATCH:
            tasks[metric["name"]] = _task(metric, options, Window.of(metric["window"], now, since), run)
    if ours:
        tasks[""] = lambda: cloudwatch.look(ours, options["sources"]["cloudwatch"], since, run)
    answers = at_once(tasks, time.monotonic() + options["answer_within"])
    aws = answers.pop("", [])
    told = {one["name"]: one for one in aws} if isinstance(aws, list) else {}
    for metric in ours:
        answers[metric["name"]] = told[metric["name"]] if told else aws
    return [_checked(metric, answers[metric["name"]]) for metric in metrics]


def _task(metric: Metric, options: Options, window: Window, run: Run) -> Callable[[], Reading]:
    source = metric["source"]
    return lambda: SOURCES[source](options["sources"][source], run).read(metric, window)


def _checked(metric: Metric, answer: Any) -> Check:
    limits = Limits(metric["at_least"], metric["at_most"], metric["unit"])
    step = f"{metric['source']} {metric['query'] or metric['y_axis']}"
    if isinstance(answer, dict):
        return answer
    if isinstance(answer, RecoveryError):
        answer = Reading(None, unknown=f"{answer.message}. {answer.hint}".removesuffix(". "))
    elif isinstance(answer, MISREAD):
        answer = Reading(None, unknown=f"{metric['source']} answered in a form that is not its API's ({type(answer).__name__})")
    elif isinstance(answer, Exception):
        raise answer
    return judged(metric["name"], limits, answer, step)


CHECK = Operation(ARGUMENTS, check)
