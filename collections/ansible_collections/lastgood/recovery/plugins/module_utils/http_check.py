# SPDX-License-Identifier: GPL-3.0-or-later
"""Named smoke flows, all at once and from outside: does the site do what its users need?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import waiting
from ansible_collections.lastgood.recovery.plugins.module_utils.checks import Check, checked, failed_if_asked, found, severity
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.answer import NoAnswer, ask, new_session
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.flow import Flow
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.redaction import Redaction
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.walk import Walk, walk

EXPECT: dict[str, Any] = {
    "status": {"type": "list", "elements": "int"},
    "header": {"type": "dict"},
    "json": {"type": "dict"},
    "contains": {"type": "raw"},
    "absent": {"type": "raw"},
    "max_seconds": {"type": "float"},
}
STEP: dict[str, Any] = {
    "method": {"type": "str", "default": "GET", "choices": ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]},
    "url": {"type": "str"},
    "headers": {"type": "dict", "default": {}},
    "body": {"type": "raw"},
    "form": {"type": "dict"},
    "timeout": {"type": "float", "default": 10},
    "follow": {"type": "bool", "default": False},
    "expect": {"type": "dict", "options": EXPECT, "apply_defaults": True},
    "capture": {"type": "dict", "default": {}},
}
ONE_BODY = [["body", "form"]]
FLOW: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "base_url": {"type": "str"},
    "safe": {"type": "bool", "default": False},
    "steps": {
        "type": "list",
        "elements": "dict",
        "options": STEP,
        "mutually_exclusive": ONE_BODY,
    },
    **STEP,
}
ARGUMENTS: dict[str, Any] = {
    "flows": {
        "type": "list",
        "elements": "dict",
        "options": FLOW,
        "mutually_exclusive": ONE_BODY + [["steps", part] for part in STEP],
        "required_one_of": [["steps", "url"]],
    },
    "scenario": {"type": "str"},
    "base_url": {"type": "str"},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "reachable_url": {"type": "str"},
    "looks": {"type": "int", "default": 1},
    "pause": {"type": "float", "default": 0},
    "phase": {"type": "str"},
    "fail": {"type": "bool", "default": False},
}
AT_ONCE = 32
"""Flows walked at the same time."""


def check(options: Options, run: Run) -> Result:
    """Walk every flow until C(looks) looks were well; the worst that was seen of a flow is its verdict.

    A look that is BAD is the last one. One that got no answer does not count, and is repeated up to C(looks) times in all.
    """
    if options["flows"] is None:
        scenario = options["scenario"] or "this"
        raise Refused(
            f"there are no flows for {scenario} in the inventory",
            f'Write "{scenario}:" below "flows:" in group_vars/all/flows.yml, or "default:" for all that have none of their own.',
        )
    secrets: Mapping[str, Any] = options["secrets"]
    flows = [Flow(flow, options["base_url"], secrets) for flow in options["flows"]]
    names = [flow.name for flow in flows]
    if len(set(names)) < len(names):
        raise Refused("two flows have the same name", "Give every flow a name of its own.")
    walked = [flow for flow in flows if flow.only_reads or not run.check]
    seen = {flow.name: checked(flow.name, "SKIPPED") for flow in flows}
    left = {"OK": max(1, options["looks"]), "UNKNOWN": max(1, options["looks"])}
    while True:
        for one in _look(walked, secrets, options["reachable_url"], run):
            unsure = seen[one["name"]]["verdict"] == "UNKNOWN"
            seen[one["name"]] = one if unsure else max(seen[one["name"]], one, key=severity)
        verdict = max(seen.values(), key=severity, default=checked("", "SKIPPED"))["verdict"]
        left[verdict] = left.get(verdict, 1) - 1
        if not left[verdict]:
            break
        waiting.wait(options["pause"], "looking once more", run.tell)
    result = found([seen[name] for name in names], "flows", "pass")
    run.record("checked", kind="flows", phase=options["phase"], verdict=result["verdict"], checks=result["checks"])
    return {**failed_if_asked(result, options["fail"]), "invocation": {"module_args": _shown(options)}}


def _look(flows: Sequence[Flow], secrets: Mapping[str, Any], reachable_url: str | None, run: Run) -> list[Check]:
    """Every flow once, all at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, min(AT_ONCE, len(flows)))) as pool:
        walks = {pool.submit(walk, flow.steps, secrets): flow for flow in flows}
        while pending := wait(walks, timeout=waiting.HEARTBEAT).not_done:
            run.tell(f"waiting for {', '.join(flow.name for future, flow in walks.items() if future in pending)} …")
    results = [(flow.name, future.result()) for future, flow in walks.items()]
    reached = any(one.answered for _name, one in results)
    if not reached and reachable_url and any(one.trouble and not one.trouble.ours for _name, one in results):
        reached = _answers(reachable_url)
    return [_judged(name, one, reached) for name, one in results]


def _judged(name: str, one: Walk, reached: bool) -> Check:
    """Silence is the site's fault only when something else answers: else it may be our own network that is down."""
    trouble = one.trouble
    if trouble is None:
        return checked(name, "OK", seconds=round(one.seconds, 3))
    unsure = trouble.ours or (trouble.silent and not reached)
    return checked(
        name,
        "UNKNOWN" if unsure else "BAD",
        step=trouble.step,
        expected=trouble.expected,
        got=trouble.got,
        body=trouble.body,
        seconds=round(one.seconds, 3),
    )


def _answers(url: str) -> bool:
    """Whether anything at all comes back from the address, be it an error."""
    question: dict[str, Any] = {"method": "GET", "url": url, "headers": {}, "body": None, "form": None, "timeout": 5, "follow": False}
    with new_session() as session:
        try:
            ask(session, question)
        except NoAnswer as none:
            return none.begun
    return True


def _shown(options: Options) -> Options:
    """The options as a verbose run may show them."""
    redaction = Redaction()
    redaction.learn(options["secrets"])
    redaction.learn_named(options["flows"])
    return redaction.hidden(options)


CHECK = Operation(arguments=ARGUMENTS, perform=check)
