"""What holds whatever happens to a call. Each promise yields a sentence for each way in which it was broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils import errors

if TYPE_CHECKING:
    from tests.faults.rehearsal import Case
    from tests.vendor_proxy import Exchange


def it_was_disturbed(case: Case) -> Iterator[str]:
    if not any(call.disturbed for call in case.first.calls):
        yield "the call was never reached"


def believed_gone(case: Case) -> bool:
    """Whether the vendor said, once, that a part of the good release is gone, and an older good one serves instead."""
    first = case.first
    return case.fault.says_gone and not first.failed and first.result["to"]["artifact"] == first.served and first.served != case.bad


def no_false_success(case: Case) -> Iterator[str]:
    """Not failed means: the good release is served, by a change that is owned up to, and held as it says."""
    first, second = case.first, case.second
    if first.failed:
        return
    if first.served != case.good and not believed_gone(case):
        yield f"success is claimed and {first.served[:7]} is served: {first.result['summary']}"
    if not first.result["changed"]:
        yield "it was changed and the result says that it was not"
    if second.result.get("held_before") != first.result["held"]:
        yield f"held is said to be {first.result['held']} and is not"
    if second.result.get("changed") and not believed_gone(case):
        yield "success was claimed and the next run had to change something"


def no_change_is_asked_for_twice(case: Case) -> Iterator[str]:
    """Between two calls for the same change lies a read that was answered, unless the vendor had refused the first."""
    pending: dict[tuple[str, str, str], Exchange] = {}
    for call in case.first.calls:
        if not call.changes:
            if call.answered:
                pending.clear()
        elif call.intent in pending:
            yield f"{call} asks again for what {pending[call.intent]} had asked for, and nothing was read in between"
        elif call.answer is None or call.answer.status != 429:
            pending[call.intent] = call


def the_next_run_succeeds(case: Case) -> Iterator[str]:
    if case.second.failed:
        yield f"the next run fails: {case.second.result['msg']}"
    elif case.second.served != case.good and not believed_gone(case):
        yield f"the next run leaves {case.second.served[:7]} serving"


def no_secret_is_printed(case: Case) -> Iterator[str]:
    for outcome in (case.first, case.second):
        if case.secret in outcome.printed:
            yield "the token is printed"


def no_stranger_hears_of_it(case: Case) -> Iterator[str]:
    if case.strangers:
        yield "a redirect to another host was followed"


def a_failure_is_one_of_ours(case: Case) -> Iterator[str]:
    """An error of the tree, with what happened and what to do, that says "nothing was changed" only when that is true."""
    result = case.first.result
    if not case.first.failed:
        return
    kind = getattr(errors, result.get("error", ""), None)
    if kind is None or not issubclass(kind, errors.RecoveryError):
        yield f"it fails with no error of ours: {result.get('msg')}"
        return
    if not result["hint"].rstrip().endswith("."):
        yield f"the hint of {result['error']} is no sentence: {result['hint']!r}"
    if not result["summary"][:1].strip() or any(odd in result["msg"] for odd in ("Traceback", "object at 0x", "None")):
        yield f"the message is not readable: {result['msg']}"
    heard = [call for call in case.first.calls if call.changes and call.forwarded]
    if "nothing was changed" in result["msg"] and heard:
        yield f"it says that nothing was changed, after {heard[0]}"
    if issubclass(kind, errors.UnknownRelease) or "is not a time" in result["msg"]:
        yield f"the person is blamed for what the vendor sent: {result['msg']}"


PROMISES: tuple[Callable[[Case], Iterator[str]], ...] = (
    it_was_disturbed,
    no_false_success,
    no_change_is_asked_for_twice,
    the_next_run_succeeds,
    no_secret_is_printed,
    no_stranger_hears_of_it,
    a_failure_is_one_of_ours,
)


def broken_promises(case: Case) -> list[str]:
    return [broken for promise in PROMISES for broken in promise(case)]
