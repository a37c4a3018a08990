"""Everything that is done to a call, one entry each. The vendor hears of a change only where its answer is what gets lost or bent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import partial
from typing import Any

from tests.faults import shapes
from tests.vendor_proxy import Answer, Delivery, Exchange, Forward

Recorded = dict[tuple[str, str, bytes], Answer]
SKEW = 7 * 60
"""Seconds that a clock is wrong by."""


@dataclass(frozen=True)
class Past:
    """What the vendor answered when nothing was disturbed, and where else a redirect could lead."""

    calls: list[Exchange]
    """The same run, undisturbed."""
    before_the_push: Recorded
    """The reads of a run before the bad release was pushed."""
    elsewhere: str
    secret: str

    def of_change(self, exchange: Exchange) -> Answer | None:
        """The answer to the same change in the undisturbed run."""
        return next((call.answer for call in self.calls if call.changes and call.intent == exchange.intent), None)

    def before_the_change(self, exchange: Exchange) -> Answer | None:
        """What the same read was answered before anything was changed; None when there was nothing to outdate it."""
        first_change = next((call.number for call in self.calls if call.changes), len(self.calls))
        if exchange.number < first_change:
            return None
        same = (call.answer for call in self.calls[:first_change] if key(call) == key(exchange))
        return next(same, None)


def key(exchange: Exchange) -> tuple[str, str, bytes]:
    return exchange.method, exchange.path, exchange.body


# Whether a fault can be done to a call: of a recorded call the answer is known, of one that is being made not yet.
Make = Callable[[Exchange, Forward, Past], Answer]
Fits = Callable[[Exchange, Past], bool]


def anything(call: Exchange, past: Past) -> bool:
    return True


def reads(call: Exchange, past: Past) -> bool:
    return not call.changes


def changes(call: Exchange, past: Past) -> bool:
    return call.changes


def with_json(call: Exchange, past: Past) -> bool:
    return call.answer is None or bool(call.answer.body)


@dataclass(frozen=True)
class Fault:
    """`lasting` disturbs every call from the chosen one on, where it fits."""

    name: str
    make: Make
    fits: Fits = anything
    lasting: bool = False
    unanswered: bool = field(default=False, kw_only=True)
    """The client has to give up waiting."""

    @property
    def says_gone(self) -> bool:
        return self.name.startswith("404")

    def __str__(self) -> str:
        return self.name + (", from then on" if self.lasting else "")


def delivered(delivery: Delivery) -> Make:
    """The call is heard, the answer gets there in this way; the vendor hears nothing when there is no answer at all."""

    def make(exchange: Exchange, forward: Forward, past: Past) -> Answer:
        if delivery in ("never", "closed", "reset"):
            return Answer(delivery=delivery)
        answer = forward()
        return replace(answer, delivery=delivery, body=answer.body[: len(answer.body) // 2])

    return make


def lost(delivery: Delivery) -> Make:
    """The vendor hears it, and the answer is lost."""

    def make(exchange: Exchange, forward: Forward, past: Past) -> Answer:
        forward()
        return Answer(delivery=delivery)

    return make


def status(code: int, headers: dict[str, str] | None = None, words: bool = True, forwards: bool = False) -> Make:
    """A refusal, or a breakdown; its words repeat the token, as careless servers do."""

    def make(exchange: Exchange, forward: Forward, past: Past) -> Answer:
        if forwards:
            forward()
        said = f"refused for {past.secret}" if words else None
        body = {"message": said, "error": {"message": said} if words else None, "errors": [{"message": said}] if words else None}
        return Answer(code, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})

    return make


def page(code: int, forwards: bool = False) -> Make:
    """A web page where JSON was agreed: a gateway's, or a captive portal's."""

    def make(exchange: Exchange, forward: Forward, past: Past) -> Answer:
        if forwards:
            forward()
        return Answer(code, b"<html><body><h1>Something else</h1></body></html>", {"Content-Type": "text/html"})

    return make


def redirect(code: int) -> Make:
    return lambda exchange, forward, past: Answer(code, b"", {"Location": f"{past.elsewhere}{exchange.path}"})


def bent(bend: Callable[[Any], Any]) -> Make:
    """The vendor hears it, and its answer has another shape."""

    def make(exchange: Exchange, forward: Forward, past: Past) -> Answer:
        answer = forward()
        return answer.with_json(bend(answer.json() if answer.body else None))

    return make


def instead(body: Any) -> Make:
    return bent(lambda _answer: body)


def truncated(exchange: Exchange, forward: Forward, past: Past) -> Answer:
    answer = forward()
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def nothing(exchange: Exchange, forward: Forward, past: Past) -> Answer:
    return replace(forward(), status=200, body=b"")


def accepted_only(exchange: Exchange, forward: Forward, past: Past) -> Answer:
    return past.of_change(exchange) or Answer(delivery="reset")


def twice(exchange: Exchange, forward: Forward, past: Past) -> Answer:
    first = forward()
    forward()
    return first


def earlier(exchange: Exchange, forward: Forward, past: Past) -> Answer:
    return past.before_the_push.get(key(exchange)) or forward()


def unmoved(exchange: Exchange, forward: Forward, past: Past) -> Answer:
    return past.before_the_change(exchange) or forward()


def skewed(seconds: float) -> Make:
    """Every instant in the answer is moved, the `Date` too."""

    def make(exchange: Exchange, forward: Forward, past: Past) -> Answer:
        answer = forward()
        date = shapes.shifted_date(answer.headers.get("Date") or formatdate(usegmt=True), seconds)
        answer = replace(answer, headers={**answer.headers, "Date": date})
        return answer.with_json(shapes.shifted(answer.json(), seconds)) if answer.body else answer

    return make


def graphql_errors(message: str, data: bool = False) -> Make:
    """GraphQL's way to say no: 200, and `errors`; with C(data), beside a part of what was asked for."""

    def make(exchange: Exchange, forward: Forward, past: Past) -> Answer:
        answer = forward() if data else Answer(200, b"{}", {"Content-Type": "application/json"})
        beside = answer.json().get("data") if data else None
        return answer.with_json({"data": beside, "errors": [{"message": f"{message} {past.secret}", "traceId": "1"}]})

    return make


def has_entries(call: Exchange, past: Past) -> bool:
    """A read whose answer holds a list that could be shorter, as far as that is known yet."""
    if call.changes or call.answer is None or not call.answer.body:
        return not call.changes and call.answer is None
    body = call.answer.json()
    return bool(shapes.emptied(body) != body)


def was_answered_before(call: Exchange, past: Past) -> bool:
    return not call.changes and key(call) in past.before_the_push


def is_outdated(call: Exchange, past: Past) -> bool:
    return not call.changes and past.before_the_change(call) is not None


def is_graphql(call: Exchange, past: Past) -> bool:
    return bool(call.graphql)


NO_ANSWER = (
    Fault("time-out", delivered("never"), unanswered=True),
    Fault("closed", delivered("closed")),
    Fault("reset", delivered("reset")),
    Fault("slow body", delivered("drips"), unanswered=True),
    Fault("slow body in chunks", delivered("drips in chunks"), unanswered=True),
    Fault("cut off", delivered("cut off")),
    Fault("truncated JSON", truncated, with_json),
)
REFUSED = (
    *(Fault(str(code), status(code)) for code in (401, 403, 404, 409, 422)),
    Fault("404 without words", status(404, words=False)),
    Fault("429, soon", status(429, {"Retry-After": "0"})),
    Fault("429, soon, as a date", status(429, {"Retry-After": "Sun, 22 Nov 2020 02:38:00 GMT"})),
    Fault("429, who knows when", status(429, {"Retry-After": "later", "X-RateLimit-Reset": "?", "Ratelimit-Reset": ""}), reads),
    Fault("429, far", status(429, {"Retry-After": "3600"})),
    Fault("redirect 302", redirect(302)),
)
BROKEN = (
    Fault("500", status(500)),
    Fault("502", page(502)),
    Fault("done, and 500", status(500, forwards=True), changes),
    Fault("done, and 502", page(502, forwards=True), changes),
)
UNTRUE = (
    Fault("accepted, never live", accepted_only, changes),
    Fault("accepted twice", twice, changes),
    Fault("answer lost by closing", lost("closed"), changes),
    Fault("answer lost by reset", lost("reset"), changes),
    Fault("answer lost by time-out", lost("never"), changes, unanswered=True),
    Fault("stale: before the push", earlier, was_answered_before),
    Fault("stale: before the change", unmoved, is_outdated),
    Fault("missing page", bent(shapes.emptied), has_entries),
    Fault("short page", bent(shapes.halved), has_entries),
    Fault("clock ahead", skewed(SKEW)),
    Fault("clock behind", skewed(-SKEW)),
)
WRONG_SHAPE = (
    Fault("null", instead(None)),
    Fault("a list", instead([])),
    Fault("an object", instead({})),
    Fault("a text", instead("fine")),
    Fault("nulls inside", bent(partial(shapes.every_value, change=lambda value: None)), with_json),
    Fault("texts inside", bent(partial(shapes.every_value, change=lambda value: "fine")), with_json),
    Fault("other names", bent(shapes.without_names), with_json),
    Fault("a web page", page(200, forwards=True)),
    Fault("no body", nothing),
)
GRAPHQL = (
    Fault("200 with errors", graphql_errors("Problem processing request"), is_graphql),
    Fault("200, not authorised", graphql_errors("Not Authorized"), is_graphql),
    Fault("200, done with errors", graphql_errors("Problem processing request", data=True), is_graphql),
)
ONCE = (*NO_ANSWER, *REFUSED, *BROKEN, *UNTRUE, *WRONG_SHAPE, *GRAPHQL)
_STAYS = ("time-out", "reset", "truncated JSON", "500", "502", "accepted, never live", "nulls inside")
_STAYS_UNTRUE = ("missing page", "clock ahead", "clock behind", "stale: before the change", "200 with errors")
LASTING = tuple(replace(fault, lasting=True) for fault in ONCE if fault.name in _STAYS + _STAYS_UNTRUE)
EVERY = (*ONCE, *LASTING)
