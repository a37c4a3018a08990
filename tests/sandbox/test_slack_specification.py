"""What Slack's emulator is asked and answers, beside Slack's own description of its Web API; its SDK drives it in tests/telling."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema
import pytest

from sandbox.slack import SCOPES, Slack
from sandbox.testing import Box
from tests.sandbox.spec import SPECS

FILE = SPECS / "slack" / "slack_web_openapi_v2.json"
NEWER = {"metadata", "include_all_metadata", "edited"}
"""Slack has these, and its description of that time lacks them."""
Ask = Callable[..., dict[str, Any]]


@cache
def published() -> dict[str, Any]:
    if not FILE.exists():
        pytest.skip(f"Slack's description is not at {FILE}")
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def judged(name: str, arguments: dict[str, Any], received: dict[str, Any]) -> None:
    """The arguments are published, those that must be there are, and the answer is of the published form."""
    (operation,) = published()["paths"][f"/{name}"].values()
    given = set(arguments) | {"token"}
    assert given <= {row["name"] for row in operation["parameters"]} | NEWER
    if received["ok"]:
        assert {row["name"] for row in operation["parameters"] if row.get("required")} <= given
    schema = operation["responses"]["200" if received["ok"] else "default"]["schema"]
    if not received["ok"]:  # its lists of errors are not complete
        schema = {"type": "object", "required": schema["required"], "properties": {name: {} for name in schema["properties"]}}
    jsonschema.Draft4Validator({**schema, "definitions": published()["definitions"]}).validate(_without_newer(received))


def _without_newer(received: Any) -> Any:
    if isinstance(received, dict):
        return {name: _without_newer(value) for name, value in received.items() if name not in NEWER}
    return [_without_newer(value) for value in received] if isinstance(received, list) else received


@pytest.fixture
def ask(box: Box) -> Ask:
    def call(name: str, token: str = next(iter(SCOPES)), **arguments: Any) -> dict[str, Any]:
        request = urllib.request.Request(f"{box.vendor_url('slack')}/api/{name}", json.dumps(arguments).encode())
        request.add_header("Content-Type", "application/json; charset=utf-8")
        request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request) as answer:
            received: dict[str, Any] = json.load(answer)
        judged(name, arguments, received)
        return received

    return call


def test_every_route_is_published() -> None:
    assert {path.removeprefix("/api") for _, path, _ in Slack.routes} <= set(published()["paths"])


def test_a_message_its_thread_and_a_change(ask: Ask) -> None:
    about = {"event_type": "lastgood_incident", "event_payload": {"incident": "2026-11-22-checkout"}}
    posted = ask("chat.postMessage", channel="C0INCIDENTS", text="started", metadata=about)
    ask("chat.postMessage", channel="#incidents", text="more", thread_ts=posted["ts"])
    ask("chat.update", channel="C0INCIDENTS", ts=posted["ts"], text="over")

    (only,) = ask("conversations.history", channel="C0INCIDENTS", include_all_metadata=True)["messages"]
    assert (only["text"], only["metadata"]) == ("over", about)
    assert "metadata" not in ask("conversations.history", channel="C0INCIDENTS")["messages"][0]
    assert [row["text"] for row in ask("conversations.replies", channel="C0INCIDENTS", ts=posted["ts"])["messages"]] == ["over", "more"]
    assert ask("chat.getPermalink", channel="C0INCIDENTS", message_ts=posted["ts"])["permalink"].endswith(posted["ts"].replace(".", ""))
    assert ask("auth.test")["user_id"] == only["user"]


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C0ARCHIVED", "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "C0INCIDENTS"}, "no_text"),
        ("chat.update", {"channel": "C0INCIDENTS", "ts": "1.0", "text": "x"}, "message_not_found"),
        ("conversations.replies", {"channel": "C0INCIDENTS", "ts": "1.0"}, "thread_not_found"),
        ("auth.test", {"token": "wrong"}, "invalid_auth"),
        ("conversations.history", {"token": "sandbox-slack-token-writes", "channel": "C0INCIDENTS"}, "missing_scope"),
    ],
)
def test_refusals_are_answers(ask: Ask, name: str, arguments: dict[str, Any], error: str) -> None:
    assert ask(name, **arguments)["error"] == error


def test_too_many(box: Box, ask: Ask) -> None:
    box.control("rates", on=True, bucket="slack.write", limit=1, seconds=60)
    ask("chat.postMessage", channel="C0INCIDENTS", text="x")
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask("chat.postMessage", channel="C0INCIDENTS", text="x")
    assert refused.value.code == 429
    with refused.value as answer:
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
