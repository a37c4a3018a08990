from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message, NotTold
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import slack as slack_channel
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.slack import Slack, escaped

from tests.telling.slack_workspace import TOKEN, Workspace
from tests.vendor_proxy import LOST, Answer, Disturb, Exchange, Proxy, answering

pytestmark = pytest.mark.once

STARTED = Message(
    stage="started",
    incident="2026-11-22-checkout",
    number=1,
    severity="P0",
    environment="sandbox",
    title="🚨 ROLLBACK IN PROGRESS",
    text="Issue: checkout is down <!channel> & more",
    public="We are working on it.",
    status="investigating",
    components=("Checkout",),
    started_at="2026-11-22T02:38:00.000Z",
    facts=(("Lead", "ana"), ("Overridden", "approval-12345678 by ana"), ("Journal head", "abcd (5 lines)")),
    test=False,
)
RESTORED = replace(STARTED, stage="restored", title="✅ ROLLBACK COMPLETE", text="5 of 5 checks pass", status="monitoring")


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path)
    yield workspace
    workspace.close()


def posts(call: Exchange) -> bool:
    return "chat.postMessage" in call.path


def through(slack: Workspace, disturb: Disturb) -> tuple[Proxy, Slack]:
    proxy = Proxy(slack.url, disturb)
    return proxy, Slack(slack.options(base_url=proxy.url))


def test_one_message_for_the_incident_and_the_rest_in_its_thread(slack: Workspace) -> None:
    channel = Slack(slack.options(mentions=["<!subteam^S01>"]))

    first = channel.tell(STARTED, {})
    told = channel.tell(RESTORED, first.memory)

    (parent,) = slack.parents
    assert parent.startswith("*✅ ROLLBACK COMPLETE*\n\n5 of 5 checks pass\n\n*Lead* ana\n*Overridden* approval-12345678 by ana")
    assert parent.endswith("<!subteam^S01>")
    head = "Journal head: `abcd (5 lines)`"
    assert slack.thread == [head, f"*✅ ROLLBACK COMPLETE*\n\n5 of 5 checks pass\n\n{head}"]
    assert told.link.startswith("https://rachelfoods-sandbox.slack.com/archives/C0INCIDENTS/p")
    assert told.memory == first.memory


def test_told_again_by_somebody_who_remembers_nothing(slack: Workspace) -> None:
    for message in (STARTED, STARTED, RESTORED, RESTORED):
        Slack(slack.options()).tell(message, {})

    assert len(slack.parents) == 1
    assert len(slack.thread) == 2


def test_another_incident_of_the_same_name_has_a_message_of_its_own(slack: Workspace) -> None:
    for other in (STARTED, replace(STARTED, environment="staging"), replace(STARTED, started_at="2026-11-22T03:00:00.000Z")):
        Slack(slack.options()).tell(other, {})

    assert len(slack.parents) == 3


def test_what_is_told_late_does_not_become_the_current_state(slack: Workspace) -> None:
    channel = Slack(slack.options())
    memory = channel.tell(STARTED, {}).memory
    channel.tell(RESTORED, memory)
    channel.tell(replace(RESTORED, stage="committed", title="over"), memory)

    channel.tell(RESTORED, memory)

    assert slack.parents[0].startswith("*over*")
    assert len(slack.thread) == 3


def test_nobody_is_called_by_what_a_reason_says(slack: Workspace) -> None:
    Slack(slack.options()).tell(STARTED, {})

    assert "&lt;!channel&gt; &amp; more" in slack.parents[0]
    assert escaped("<@U1>") == "&lt;@U1&gt;"


@pytest.mark.parametrize("which", range(1, 3), ids=["message", "thread"])
def test_accepted_but_the_answer_was_lost(slack: Workspace, which: int) -> None:
    count = iter(range(1, 99))
    proxy, channel = through(slack, answering(LOST, to=lambda call: posts(call) and next(count) == which, heard=True))
    with proxy:
        with pytest.raises(NotTold) as lost:
            channel.tell(STARTED, {})
        assert lost.value.again

        channel.tell(STARTED, {})

    assert len(slack.parents) == 1
    assert len(slack.thread) == 1


def test_a_token_that_may_not_read_posts_all_the_same(slack: Workspace) -> None:
    channel = Slack(slack.options(token="sandbox-slack-token-writes"))

    channel.tell(RESTORED, channel.tell(STARTED, {}).memory)

    assert (len(slack.parents), len(slack.thread)) == (1, 2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"token": "xoxb-wrong"}, "Slack says invalid_auth; look at its option token"),
        ({"channel": "C0NOWHERE"}, "Slack says channel_not_found; look at its option channel"),
        ({"channel": "C0ARCHIVED"}, "Slack says is_archived; look at its option channel"),
        ({"channel": "C0PRIVATE"}, "Slack says not_in_channel; look at its option channel"),
    ],
)
def test_what_no_repetition_helps(slack: Workspace, options: dict[str, Any], words: str) -> None:
    with pytest.raises(NotTold) as refused:
        Slack(slack.options(**options)).tell(STARTED, {})

    assert (refused.value.message, refused.value.again) == (words, False)


@pytest.mark.parametrize("options", [{"token": ""}, {"channel": ""}])
def test_options_that_are_missing(slack: Workspace, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    with pytest.raises(Refused, match="Slack needs a channel and a token"):
        Slack(slack.options(**options))


def test_the_token_comes_from_the_environment(slack: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    Slack(slack.options(token=None)).tell(STARTED, {})

    assert len(slack.parents) == 1


@pytest.mark.parametrize(
    "disturb",
    [
        answering(Answer(503, b"no")),
        answering(Answer(200, b"<html>")),
        answering(Answer(delivery="reset")),
        answering(Answer(delivery="never")),
        answering(Answer(200, b'{"ok":false,"error":"fatal_error"}')),
        answering(Answer(429, b'{"ok":false,"error":"ratelimited"}', {"Retry-After": "30"})),
    ],
    ids=["503", "no JSON", "reset", "never", "fatal_error", "rate limit"],
)
def test_what_may_pass_is_for_later(slack: Workspace, disturb: Disturb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_channel, "SECONDS", 1.0)
    proxy, channel = through(slack, disturb)
    with proxy, pytest.raises(NotTold) as error:
        channel.tell(STARTED, {})

    assert error.value.again
    assert TOKEN not in f"{error.value!r} {error.value.message}"


def test_nobody_listens(slack: Workspace) -> None:
    url = slack.options()["base_url"]
    with Proxy(url) as proxy:
        gone = proxy.url
    with pytest.raises(NotTold, match="Slack does not answer") as error:
        Slack(slack.options(base_url=gone)).tell(STARTED, {})
    assert error.value.again


def test_a_short_rate_limit_is_waited_out(slack: Workspace) -> None:
    refused = Answer(429, b'{"ok":false,"error":"ratelimited"}', {"Retry-After": "0.1"})
    proxy, channel = through(slack, answering(refused, to=posts, times=1))
    with proxy:
        channel.tell(STARTED, {})

    assert len(slack.parents) == 1


def test_a_slow_slack_is_given_up_in_time(slack: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four calls of 0.15 s would take longer than all may."""
    monkeypatch.setattr(slack_channel, "SECONDS", 0.4)
    slack.slow(0.15)
    with pytest.raises(NotTold, match="in time"):
        Slack(slack.options()).tell(STARTED, {})


def test_a_long_text_is_cut(slack: Workspace) -> None:
    Slack(slack.options()).tell(replace(STARTED, text="x" * 9000), {})

    assert len(slack.parents[0]) == 3800
