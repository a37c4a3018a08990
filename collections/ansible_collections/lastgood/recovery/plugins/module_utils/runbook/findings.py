# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong in runbooks: every rule on every passage, and what only several passages show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.lastgood.recovery.plugins.module_utils.runbook import matching
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.document import Runbook
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.matrices import disagreements
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.metric_names import doubtful
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.rules import Rule, rules
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.shell import commands

UNKNOWN_RULE = "unknown-rule"
"""The finding of a directive that ignores a rule there is not. It is no rule itself, and cannot be ignored."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what stands there, why it is wrong, how that is known, and what replaces it."""

    file: str
    line: int
    rule: str
    problem: str
    severity: str
    text: str
    why: str
    source: str
    instead: tuple[str, ...]


def findings(runbooks: Sequence[Runbook]) -> list[Finding]:
    """All of them, by file in the order given and by line."""
    order = {runbook.name: index for index, runbook in enumerate(runbooks)}
    by_name = {runbook.name: runbook for runbook in runbooks}
    found = [finding for runbook in runbooks for finding in (*_in(runbook), *_unknown(runbook))]
    found += _together(runbooks)
    kept = {one for one in found if one.rule == UNKNOWN_RULE or not _ignored(one, by_name[one.file])}
    return sorted(kept, key=lambda one: (order[one.file], one.line, one.rule, one.text))


def _in(runbook: Runbook) -> Iterator[Finding]:
    typed = [(passage, commands(passage)) for passage in runbook.passages]
    every = [command for _dummy, some in typed for command in some]
    for rule in rules():
        if rule.whole:
            yield from (_finding(rule, runbook.name, line, text) for line, text in matching.by_whole(rule, runbook))
        for passage, some in typed:
            if rule.command and some:
                yield from (_finding(rule, runbook.name, line, text) for line, text in matching.by_command(rule, passage, some, every))
            elif rule.text:
                yield from (_finding(rule, runbook.name, line, text) for line, text in matching.by_text(rule, passage))


def _together(runbooks: Sequence[Runbook]) -> Iterator[Finding]:
    for rule in rules():
        if rule.check == "matrices":
            for one in disagreements(runbooks):
                file, line = one.says[0][:2]
                yield _finding(rule, file, line, one.in_words())
        elif rule.check == "metric_names":
            for name, before in doubtful(runbooks):
                text = f"{name.abbreviation} is {name.meaning}; at {before.runbook}:{before.line} it is {before.meaning}"
                yield _finding(rule, name.runbook, name.line, text)


def _unknown(runbook: Runbook) -> Iterator[Finding]:
    known = {rule.id for rule in rules()}
    for name, line, _dummy in runbook.ignored:
        if name not in known:
            why = "There is no such rule, so that nothing is ignored."
            text = f"lastgood: ignore {name}"
            yield Finding(runbook.name, line, UNKNOWN_RULE, "unknown rule", "error", text, why, "docs/runbook-lint.md", ())


def _finding(rule: Rule, file: str, line: int, text: str) -> Finding:
    return Finding(file, line, rule.id, rule.problem, rule.severity, " ".join(text.split()), rule.why, rule.source, rule.instead)


def _ignored(finding: Finding, runbook: Runbook) -> bool:
    """What is about the whole runbook is ignored wherever the directive stands."""
    whole = next((bool(rule.whole) for rule in rules() if rule.id == finding.rule), False)
    return runbook.ignores(finding.rule, 0 if whole else finding.line)
