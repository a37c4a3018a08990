# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a rule is about a command, a line of text, or a whole runbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.document import NEGATED, Passage, Runbook
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.rules import Rule, Vendor, pattern
from ansible_collections.lastgood.recovery.plugins.module_utils.runbook.shell import LONGEST, Command

Found = tuple[int, str]
"""A line, and what stands there."""
STEPS = pattern(r"(^|\| )\W{0,3}(steps?|actions?|commands?|instructions?|what to do)\W{0,3}( \||$)")
"""What the head of a table says whose rows are to be done."""
NEAREST = 50
"""How many commands above one that it can come after."""


def by_command(rule: Rule, passage: Passage, typed: Sequence[Command], whole: Sequence[Command]) -> Iterator[Found]:
    """The commands of a passage that the rule is about; C(whole) are all commands of the runbook."""
    wanted = rule.command or {}
    programs = {alternative.split()[0] for alternative in wanted["run"]}
    for index, command in enumerate(typed):
        if not command.words or command.words[0] not in programs:
            continue
        arguments = _arguments(command, wanted["run"], rule.vendor)
        if arguments is None or not _fits(command, arguments, wanted, rule.vendor):
            continue
        if "after" in wanted and not _any_is(typed[max(index - NEAREST, 0) : index], wanted["after"], rule.vendor):
            continue
        if "not_after" in wanted and _any_is(typed[max(index - NEAREST, 0) : index], wanted["not_after"], rule.vendor):
            continue
        near = "\n".join([*passage.headings, command.comments])
        if _near(wanted, near) and not _known(command, wanted, whole):
            yield command.line, command.text


def _arguments(command: Command, alternatives: Sequence[str], vendor: Vendor) -> tuple[str, ...] | None:
    """The words behind those of one alternative, options left out; None when the command is none of them."""
    positional = tuple(_positional(command.words, vendor))
    for alternative in sorted(alternatives, key=len, reverse=True):
        words = tuple(alternative.split())
        if positional[: len(words)] == words:
            return positional[len(words) :]
    return None


def _positional(words: Sequence[str], vendor: Vendor) -> Iterator[str]:
    valued = vendor.valued.get(words[0], frozenset()) if words else frozenset()
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            yield word
        elif word in valued:
            next(rest, None)


def _any_is(earlier: Sequence[Command], alternatives: Sequence[str], vendor: Vendor) -> bool:
    """Whether one of the nearest commands above is one of the alternatives."""
    return any(_arguments(command, alternatives, vendor) is not None for command in earlier)


def _fits(command: Command, arguments: tuple[str, ...], wanted: dict[str, Any] | Any, vendor: Vendor) -> bool:
    options = command.words[1:]
    if "with" in wanted and not _any(options, wanted["with"]):
        return False
    if "without" in wanted and _any(options, wanted["without"]):
        return False
    if wanted.get("unknown") and not (arguments and arguments[0] not in vendor.commands[command.words[0]] and arguments[0][0].isalpha()):
        return False
    states = {
        "bare": all(word[0] in "./~" for word in arguments),
        "reads": bool(command.reads) or command.piped_in,
        "writes": bool(command.writes),
        "piped": command.piped_out,
    }
    return all(wanted[name] == is_so for name, is_so in states.items() if name in wanted)


def _any(words: Sequence[str], globs: Sequence[str]) -> bool:
    """Options as they are written, everything else in any case."""
    either = [(word, glob) if glob.startswith("-") else (word.lower(), glob.lower()) for word in words for glob in globs]
    return any(fnmatchcase(word, glob) for word, glob in either)


def _near(wanted: Any, near: str) -> bool:
    return not ("near" in wanted and not pattern(wanted["near"]).search(near)) and not (
        "not_near" in wanted and pattern(wanted["not_near"]).search(near)
    )


def _known(command: Command, wanted: Any, whole: Sequence[Command]) -> bool:
    """Whether the runbook itself says where the option's variable, or the file, comes from; True when the rule does not ask."""
    if "never_set" in wanted:
        words = command.words
        value = next((words[at + 1] for at, word in enumerate(words[:-1]) if word == wanted["never_set"]), "")
        name = value.strip("${}")
        return not value.startswith("$") or any(name in one.sets for one in whole)
    if "never_written" in wanted:
        prefix = wanted["never_written"]
        files = [word.removeprefix(prefix) for word in command.words if word.startswith(prefix)]
        written = {place for one in whole for place in (*one.writes, *one.words[1:]) if not place.startswith(prefix)}
        return not files or all(file in written for file in files)
    return False


def by_text(rule: Rule, passage: Passage) -> Iterator[Found]:
    """The lines of a passage that say it, unless they say not to; of tables, those that list steps."""
    wanted = rule.text or {}
    if passage.kind == "table" and not STEPS.search(passage.lines[0]):
        return
    if not _near(wanted, "\n".join([*passage.headings, passage.text])):
        return
    for number, line in passage.numbered():
        found = next((one for says in wanted["says"] if (one := pattern(says).search(line[:LONGEST]))), None)
        if found and not NEGATED.search(line[: found.start()]):
            yield number, line


def by_whole(rule: Rule, runbook: Runbook) -> Iterator[Found]:
    """The first heading that makes it the runbook that the rule is about, when the rest never says what it has to."""
    wanted = rule.whole or {}
    heading = next((one for one in runbook.passages if one.kind == "heading" and pattern(wanted["under"]).search(one.text)), None)
    lines = (line[:LONGEST] for one in runbook.passages for line in one.lines)
    if heading and not any(pattern(one).search(line) for line in lines for one in wanted["lacks"]):
        yield heading.line, heading.text
