# SPDX-License-Identifier: GPL-3.0-or-later
"""Many calls at the same time in one thread: each on a connection of its own, as many as S3 takes, repeated where that is safe."""
from __future__ import annotations

import heapq
import itertools
import selectors
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import translated
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import answers
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import NO_ANSWER, Call, Delete, Failure, Outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.connection import Answer, Broken, Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.dialling import Dialler
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.pace import Limits, Pace, pause
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.requests import Requests
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.signing import Signer

_LOOK = 1.0
_NETWORK = "Check region and endpoint_url and the way there; look at AWS's status page; then run the same command again."
_LOST = "Some of it may have taken effect; run the same command again, it reads first what is still to be done."


@dataclass(slots=True)
class _Try:
    """C(left) is what of C(call) is still to be done, C(failed) what will not be."""

    call: Call
    left: Call
    first: float
    began: float = 0.0
    number: int = 0
    name: str = ""
    failed: list[Failure] = field(default_factory=list)


class Carrier:
    """Every call made is counted in C(counted) under S3's name for it, and what was made again under C(repeated) besides."""

    def __init__(self, dialler: Dialler, requests: Requests, signer: Signer, pace: Pace, counted: Counter[str], limits: Limits) -> None:
        self._dialler, self._requests, self._signer = dialler, requests, signer
        self._pace, self._counted, self._limits = pace, counted, limits
        self._selector = selectors.DefaultSelector()
        self._flying: dict[Connection, _Try] = {}
        self._idle: list[Connection] = []
        self._later: list[tuple[float, int, _Try]] = []
        self._order = itertools.count()
        self._answered = time.monotonic()
        self._stop: errors.RecoveryError | None = None

    def run(self, calls: Iterable[Call | None]) -> Iterator[Outcome]:
        """See C(Bucket.carry_out)."""
        more, waits = iter(calls), False
        exhausted = False
        try:
            while True:
                while len(self._flying) < int(self._pace.limit) and not self._stop:
                    now = time.monotonic()
                    if self._later and self._later[0][0] <= now:
                        yield from self._begin(heapq.heappop(self._later)[2])
                        continue
                    if exhausted or waits:
                        break
                    try:
                        call = next(more)
                    except StopIteration:
                        exhausted = True
                        break
                    if call is None:
                        waits = True
                        break
                    yield from self._begin(_Try(call, call, now))
                if not self._flying and (self._stop or not self._later):
                    if self._stop:
                        raise self._stop
                    if exhausted:
                        return
                    waits = False  # the source has seen every outcome
                    continue
                for outcome in self._wait():
                    waits = False
                    yield outcome
        finally:
            self.close()

    def close(self) -> None:
        for connection in [*self._flying, *self._idle]:
            connection.close()
        self._flying.clear()
        self._idle.clear()
        self._selector.close()

    def _begin(self, one: _Try) -> Iterator[Outcome]:
        one.number += 1
        one.began = time.monotonic()
        one.name, request, bodiless = self._requests.of(one.left)
        self._counted[one.name] += 1
        try:
            connection = self._idle.pop() if self._idle else self._dialler.dial()
        except Broken as reason:
            yield from self._lost(one, str(reason), reached=False)
            return
        connection.start(request, bodiless)
        self._flying[connection] = one
        self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        if connection.watched == 0:
            self._selector.register(connection, connection.wants)
        elif connection.wants != connection.watched:
            self._selector.modify(connection, connection.wants)
        connection.watched = connection.wants

    def _wait(self) -> Iterator[Outcome]:
        until = self._later[0][0] - time.monotonic() if self._later and len(self._flying) < int(self._pace.limit) else _LOOK
        for key, _events in self._selector.select(min(max(until, 0.0), _LOOK)):
            connection: Connection = key.fileobj  # type: ignore[assignment]
            one = self._flying.get(connection)
            try:
                answer = connection.advance()
            except Broken as reason:
                self._drop(connection)
                if one is not None:
                    yield from self._lost(one, str(reason), connection.up)
                continue
            if answer is None:
                self._watch(connection)
            elif one is None:
                self._drop(connection)
            else:
                del self._flying[connection]
                if connection.reusable:
                    self._watch(connection)
                    self._idle.append(connection)
                else:
                    self._drop(connection)
                yield from self._answer(one, answer)
        yield from self._overdue()

    def _overdue(self) -> Iterator[Outcome]:
        now = time.monotonic()
        endless = now - self._limits.longest
        late = [there for there, one in self._flying.items() if there.touched < now - self._limits.wait(there.up) or one.began < endless]
        for connection in late:
            one = self._flying[connection]
            self._drop(connection)
            yield from self._lost(one, "no answer in time", connection.up)

    def _drop(self, connection: Connection) -> None:
        self._flying.pop(connection, None)
        if connection in self._idle:
            self._idle.remove(connection)
        self._selector.unregister(connection)
        connection.close()

    def _answer(self, one: _Try, answer: Answer) -> Iterator[Outcome]:
        self._answered = time.monotonic()
        failed = answers.failures(one.left, answer)
        if not failed:
            self._pace.went_well()
            yield Outcome(one.call, tuple(one.failed), answer.headers, answer.body)
            return
        if any(failure.code in answers.BUSY | answers.RENEWABLE for failure in failed):
            self._pace.too_fast(one.began, self._answered)
        again = {(failure.key, failure.version_id) for failure in failed if self._may_repeat(one, failure.code)}
        one.failed += [failure for failure in failed if failure[:2] not in again]
        if isinstance(one.left, Delete):
            one.left = Delete(tuple(name for name in one.left.names if name in again))
        for failure in failed:
            if failure.code in answers.FOR_ALL and failure[:2] not in again:
                told = {"Error": {"Code": failure.code, "Message": failure.message}, "ResponseMetadata": {"HTTPStatusCode": answer.status}}
                self._stop = self._stop or translated("s3", one.name, told)
        if again:
            self._repeat(one)
        else:
            yield Outcome(one.call, tuple(one.failed), answer.headers, answer.body)

    def _may_repeat(self, one: _Try, code: str) -> bool:
        if code in answers.RENEWABLE and one.number == 1:
            self._signer.forget()
            return True
        if code in answers.BUSY:
            return self._answered - one.first < self._limits.patience
        return code in answers.PASSING and one.number < self._limits.attempts

    def _repeat(self, one: _Try) -> None:
        self._counted["repeated"] += 1
        heapq.heappush(self._later, (time.monotonic() + pause(one.number), next(self._order), one))

    def _lost(self, one: _Try, reason: str, reached: bool) -> Iterator[Outcome]:
        """No answer came, or none that is whole."""
        self._pace.too_fast(one.began, time.monotonic())
        if one.number < self._limits.attempts:
            self._repeat(one)
            return
        if self._answered <= one.first:  # nor to any other call in all that time
            kind = errors.Unanswered if reached else errors.Unavailable
            self._stop = self._stop or kind(f"S3 does not answer: {reason}", _LOST if reached else _NETWORK)
        names = one.left.names if isinstance(one.left, Delete) else ((one.left.key, one.left.version_id),)
        one.failed += [Failure(key, version_id, NO_ANSWER, reason) for key, version_id in names]
        yield Outcome(one.call, tuple(one.failed))
