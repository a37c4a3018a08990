"""What every channel of telling promises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Channel, Message, NotTold
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import trying

from sandbox.testing import Box
from tests.telling.messages import COMMITTED, DRILL, PROGRESS, RESTORED, STAGES, STARTED, UNDONE
from tests.telling.places import Place
from tests.vendor_proxy import LOST, Answer, Exchange, Proxy, answering

pytestmark = pytest.mark.once


def changes(exchange: Exchange) -> bool:
    return exchange.changes


def not_told(channel: Channel, message: Message, memory: Mapping[str, Any]) -> NotTold | None:
    """Why it was not told."""
    try:
        channel.tell(message, memory)
    except NotTold as problem:
        return problem
    return None


def test_stages_in_order_are_one_incident(place: Place, box: Box, proxy: Proxy) -> None:
    memory: Mapping[str, Any] = {}
    for number, message in enumerate(STAGES, 1):
        memory = json.loads(json.dumps(dict(place.channel(proxy.url).tell(message, memory).memory)))
        if message is not COMMITTED:
            assert place.incidents(box) == 1
            assert not place.over(box)
        if place.texted and place.keeps:
            assert len(place.texts(box)) == number
            assert message.public in place.texts(box)[-1]
    assert place.over(box)
    place.channel(proxy.url).tell(replace(PROGRESS, number=9), memory)  # held up until after the end
    assert place.over(box)


@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "forgotten"])
def test_the_same_is_told_once(place: Place, box: Box, proxy: Proxy, remembered: bool) -> None:
    channel = place.channel(proxy.url)
    memory = channel.tell(STARTED, {}).memory
    told = place.texts(box)
    again = channel.tell(STARTED, memory if remembered else {}).memory
    assert place.incidents(box) == 1
    if place.keeps:
        assert place.texts(box) == told
    channel.tell(COMMITTED, again)
    end = place.texts(box)
    channel.tell(COMMITTED, again)
    assert place.over(box)
    assert place.texts(box) == end


@pytest.mark.parametrize("message", [STARTED, PROGRESS, COMMITTED], ids=lambda message: message.stage)
def test_a_lost_answer_does_not_tell_twice(place: Place, box: Box, proxy: Proxy, message: Message) -> None:
    channel = place.channel(proxy.url)
    memory: Mapping[str, Any] = {} if message is STARTED else channel.tell(STARTED, {}).memory
    before = len(place.texts(box))
    proxy.begin(answering(LOST, to=changes, times=1, heard=True))
    problem = not_told(channel, message, memory)
    assert problem is None or problem.again
    if problem:
        channel.tell(message, memory)
    assert place.incidents(box) <= 1
    if place.keeps:
        assert len(place.texts(box)) == before + 1
    assert place.over(box) == (message is COMMITTED)


@pytest.mark.parametrize(
    "answer",
    [
        LOST,
        Answer(503, b"{}"),
        Answer(500, b"<html>"),
        Answer(429, b"{}", {"Retry-After": "30"}),
        Answer(200, b"<html>down for maintenance</html>"),
        Answer(200, b"{}", delivery="cut off"),
        Answer(200, b"{}", delivery="reset"),
    ],
    ids=["closed", "503", "500", "429", "not JSON", "cut off", "reset"],
)
def test_a_vendor_that_is_down_is_tried_again_later(place: Place, proxy: Proxy, answer: Answer) -> None:
    proxy.begin(answering(answer))
    with pytest.raises(NotTold) as problem:
        place.channel(proxy.url).tell(STARTED, {})
    assert problem.value.again
    assert len(proxy.log) == 1
    proxy.begin()
    place.channel(proxy.url).tell(STARTED, {})


def test_a_rate_limit_that_ends_in_time_is_waited_out(place: Place, box: Box, proxy: Proxy) -> None:
    proxy.begin(answering(Answer(429, b"{}", {"Retry-After": "0.01"}), times=1))
    place.channel(proxy.url).tell(STARTED, {})
    assert place.incidents(box) == 1


@pytest.mark.parametrize("delivery", ["never", "drips", "drips in chunks"])
def test_a_slow_vendor_is_not_waited_for(place: Place, proxy: Proxy, delivery: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.1)
    proxy.begin(answering(Answer(delivery=delivery)))
    with pytest.raises(NotTold) as problem:
        place.channel(proxy.url).tell(STARTED, {})
    assert problem.value.again


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'"odd"', b'[{"id": 1}]', b'{"data": [{}]}'])
def test_answers_of_another_form_are_no_other_error(place: Place, proxy: Proxy, body: bytes) -> None:
    proxy.begin(answering(Answer(200, body)))
    problem = not_told(place.channel(proxy.url), STARTED, {})
    assert problem is None or problem.message.startswith(f"the {place.name}: ")


def test_a_wrong_token_is_told_of_with_its_option(place: Place, proxy: Proxy) -> None:
    with pytest.raises(NotTold) as problem:
        place.channel(proxy.url, **place.wrong(proxy.url)).tell(STARTED, {})
    assert not problem.value.again
    assert f"the {place.name}: " in problem.value.message
    assert place.hint in problem.value.message.lower()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
def test_nothing_secret_is_said(place: Place, proxy: Proxy, status: int) -> None:
    quoted = {"message": f"bad {place.secret}", "error": f"bad {place.secret}", "errors": [f"bad {place.secret}"]}
    proxy.begin(answering(Answer(status, json.dumps(quoted).encode())))
    channel = place.channel(proxy.url)
    with pytest.raises(NotTold) as problem:
        channel.tell(STARTED, {})
    assert place.secret not in f"{problem.value.message} {problem.value!s} {problem.value!r} {channel!r} {channel}"


def test_a_memory_holds_nothing_secret(place: Place, proxy: Proxy) -> None:
    told = place.channel(proxy.url).tell(STARTED, {})
    assert place.secret not in f"{told}"


def test_a_drill_says_that_it_is_one(place: Place, box: Box, proxy: Proxy) -> None:
    place.channel(proxy.url).tell(DRILL, {})
    for text in place.texts(box):
        assert "[TEST]" in text or "This is a drill" in text
    assert box.state().get(place.vendor, {}).get("notified", []) == []


def test_an_undo_ends_it_as_well(place: Place, box: Box, proxy: Proxy) -> None:
    channel = place.channel(proxy.url)
    channel.tell(UNDONE, channel.tell(RESTORED, channel.tell(STARTED, {}).memory).memory)
    assert place.over(box)


def test_options_are_checked_without_showing_them(place: Place) -> None:
    with pytest.raises(Refused) as problem:
        place.channel("http://127.0.0.1:9", tokn=place.secret)
    assert "tokn" in problem.value.message
    assert place.secret not in problem.value.message + problem.value.hint
