"""Apprise, which tells some service of its own kind: here one that gets JSON, and one that speaks Mattermost's."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.api import SOON
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Channel, NotTold
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import KINDS, apprise_url

from tests.telling.messages import DRILL, PROGRESS, STAGES, STARTED
from tests.vendor_proxy import LOST, Answer, Proxy, Stranger, answering

pytestmark = pytest.mark.once
SECRET = "sandbox-apprise-token"


@pytest.fixture
def service() -> Iterator[Proxy]:
    with Stranger() as found:
        yield found


def channel(service: Proxy, kind: str = "json", path: str = SECRET) -> Channel:
    return KINDS["apprise"]({"name": "chat", "kind": "apprise", "url": f"{kind}://{service.url.removeprefix('http://')}/{path}"})


def test_each_stage_is_told_once(service: Proxy) -> None:
    chat = channel(service)
    memory: Mapping[str, Any] = {}
    for message in STAGES:
        memory = chat.tell(message, memory).memory
        chat.tell(message, memory)
    chat.tell(replace(PROGRESS, number=9), memory)
    told = [json.loads(call.body) for call in service.log]
    assert [(one["title"], STAGES[number].text in one["message"]) for number, one in enumerate(told)] == [(STARTED.title, True)] * 4
    assert SECRET not in str(memory)


def test_another_kind_of_service(service: Proxy) -> None:
    channel(service, "mmost", "abcdefghijklmnopqrstuvwxyz").tell(STARTED, {})
    assert STARTED.text in json.loads(service.log[0].body)["text"]


def test_a_drill_says_that_it_is_one(service: Proxy) -> None:
    channel(service).tell(DRILL, {})
    assert json.loads(service.log[0].body)["title"].startswith("[TEST] ")


@pytest.mark.parametrize(("status", "again"), [(401, False), (403, False), (404, False), (429, True), (500, True), (503, True)])
def test_what_the_service_refuses(service: Proxy, status: int, again: bool) -> None:
    service.begin(answering(Answer(status, SECRET.encode())))
    with pytest.raises(NotTold) as problem:
        channel(service).tell(STARTED, {})
    assert problem.value.again == again
    assert again or "Check url" in problem.value.message
    assert len(service.log) == 1


@pytest.mark.parametrize("delivery", ["closed", "reset", "never"])
def test_what_may_have_been_told_is_not_told_again(service: Proxy, monkeypatch: pytest.MonkeyPatch, delivery: str) -> None:
    monkeypatch.setattr(apprise_url, "SECONDS", SOON + 0.3)
    service.begin(answering(LOST if delivery == "closed" else Answer(delivery=delivery)))  # type: ignore[arg-type]
    with pytest.raises(NotTold) as problem:
        channel(service).tell(STARTED, {})
    assert not problem.value.again


def test_nobody_there(service: Proxy) -> None:
    chat = channel(service)
    service.__exit__()
    with pytest.raises(NotTold) as problem:
        chat.tell(STARTED, {})
    assert problem.value.again


class Kept(logging.Handler):
    """What reaches the log of the program that Apprise is used in."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.names: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.names.append(record.name)


def test_nothing_secret_is_said(service: Proxy, capfd: pytest.CaptureFixture[str]) -> None:
    service.begin(answering(Answer(401, SECRET.encode())))
    chat, kept = channel(service), Kept()
    logging.getLogger().addHandler(kept)
    try:
        with pytest.raises(NotTold) as problem:
            chat.tell(STARTED, {})
    finally:
        logging.getLogger().removeHandler(kept)
    assert not any(name.startswith("apprise") for name in kept.names)
    assert not any(SECRET in text for text in (*capfd.readouterr(), f"{problem.value!r}", f"{chat!r}"))


def test_an_address_of_no_service(service: Proxy) -> None:
    with pytest.raises(NotTold) as problem:
        channel(service, "nosuchservice").tell(STARTED, {})
    assert not problem.value.again
    assert SECRET not in problem.value.message
    with pytest.raises(Refused):
        KINDS["apprise"]({"name": "chat"})
