# SPDX-License-Identifier: GPL-3.0-or-later
"""Slack: one message for each incident, always at its current state; what happened when is in its thread.

Slack does not recognise a repeated post, so what a message is about travels in its metadata, and is read back before anything is
posted: https://docs.slack.dev/messaging/message-metadata
"""
from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message, NotTold, Told
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import slack_sdk
    import slack_sdk.errors
else:
    slack_sdk = library("slack_sdk")

SECONDS = 4.0
"""For all calls of one message together."""
ANSWER = 2.0
"""For one call."""
LONGEST = 3800
"""Characters; Slack cuts a text off at 4000."""
EVENT = "lastgood_incident"
HEAD = "Journal head"
WITH_HEAD = ("started", "restored", "not_restored", "partial", "unverified")
MAY_PASS = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
CODE = re.compile(r"[a-z_]+|status \d+")
NOT_READABLE = {"missing_scope", "not_in_channel", "no_permission", "access_denied"}
OPTION = {
    "invalid_auth": "token", "not_authed": "token", "account_inactive": "token", "token_revoked": "token", "token_expired": "token",
    "missing_scope": "token", "channel_not_found": "channel", "not_in_channel": "channel", "is_archived": "channel",
}


class Slack:
    """A channel of a workspace, by a bot's token (C(chat:write), and C(channels:history) to be sure after an answer was lost)."""

    recognises = True

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.name = str(options["name"])
        self.channel = str(options.get("channel") or "")
        self.mentions = " ".join(options.get("mentions") or [])
        self.token = str(options.get("token") or os.environ.get("SLACK_BOT_TOKEN") or "")
        self.base_url = str(options.get("base_url") or "https://slack.com/api/").rstrip("/") + "/"
        if not self.channel or not self.token:
            raise Refused(f"{self.name}: Slack needs a channel and a token", "Give channel, and token or SLACK_BOT_TOKEN.")

    def tell(self, message: Message, memory: Mapping[str, Any]) -> Told:
        """Post the incident's message or bring it up to date, and add to its thread what is not there yet."""
        thread = _Thread(self, message)
        where, ts = str(memory.get("channel") or self.channel), str(memory.get("ts") or "")
        ts = ts or thread.find(where)
        link = str(memory.get("link") or "")
        if not ts:
            posted = thread.call("chat_postMessage", channel=where, text=thread.current(), metadata=thread.metadata(parent=True), **PLAIN)
            where, ts = posted["channel"], posted["ts"]
        if message.stage != "started" or thread.head():
            seen = thread.stages(where, ts)
            if (message.stage, message.number) not in seen:
                text = thread.head() if message.stage == "started" else thread.news()
                thread.call("chat_postMessage", channel=where, thread_ts=ts, text=text, metadata=thread.metadata(), **PLAIN)
            if message.stage != "started" and not _is_newest(message, seen):
                return Told({"channel": where, "ts": ts, "link": link}, link)  # told late: the current state is another one by now
        if message.stage != "started":
            thread.call("chat_update", channel=where, ts=ts, text=thread.current(), metadata=thread.metadata(parent=True))
        link = link or thread.link(where, ts)
        return Told({"channel": where, "ts": ts, "link": link}, link)


QUIET = logging.getLogger("lastgood.slack")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False  # what there is to say is in NotTold; the screen is the timeline's
PLAIN = {"unfurl_links": False, "unfurl_media": False}


class _Thread:
    """The incident's message and its thread, for as long as one message takes to be told."""

    def __init__(self, slack: Slack, message: Message) -> None:
        self.slack, self.message = slack, message
        self.until = time.monotonic() + SECONDS
        self.client = slack_sdk.WebClient(token=slack.token, base_url=slack.base_url, retry_handlers=[], logger=QUIET)
        if urlsplit(slack.base_url).hostname in ("127.0.0.1", "localhost", "::1"):
            self.client.proxy = None  # the SDK does not read NO_PROXY

    def call(self, method: str, **arguments: Any) -> Any:
        """Slack's answer; NotTold when it says no, or nothing. A rate limit that ends in time is waited out once."""
        for last in (False, True):
            self.client.timeout = max(0.05, min(ANSWER, self.until - time.monotonic()))  # type: ignore[assignment]  # it takes parts of seconds
            try:
                return getattr(self.client, method)(**arguments).data
            except slack_sdk.errors.SlackApiError as error:
                pause = _pause(error.response)
                if last or pause is None or time.monotonic() + pause > self.until - 0.5:
                    raise self._refused(error.response) from None
                time.sleep(pause)
            except (slack_sdk.errors.SlackClientError, OSError, ValueError) as error:
                slow = isinstance(error, TimeoutError) or "timed out" in str(error)
                raise NotTold("Slack does not answer" + (" in time" if slow else "")) from None
        raise NotTold("Slack allows no more calls now")

    def _refused(self, response: Any) -> NotTold:
        data = response.data if isinstance(response.data, dict) else {}
        code = str(data.get("error") or f"status {response.status_code}")
        if not CODE.fullmatch(code):  # what the SDK says of an answer that is not Slack's
            return NotTold("Slack gave an answer that cannot be read")
        again = response.status_code == 429 or response.status_code >= 500 or code in MAY_PASS
        option = f"; look at its option {OPTION[code]}" if code in OPTION else ""
        scope = f" (it needs {data['needed']})" if code == "missing_scope" and data.get("needed") else ""
        found = NotTold(f"Slack says {code}{scope}{option}", again=again)
        found.code = code  # type: ignore[attr-defined]
        return found

    def _read(self, method: str, **arguments: Any) -> list[dict[str, Any]]:
        """Messages with their metadata; none where the token may post and not read."""
        try:
            return list(self.call(method, include_all_metadata=True, limit=200, **arguments).get("messages", []))
        except NotTold as error:
            if getattr(error, "code", "") in NOT_READABLE:
                return []
            raise

    def find(self, channel: str) -> str:
        """The incident's message when it is there already, although nobody remembers: the answer to the post was lost."""
        since = moment.parse(self.message.started_at).timestamp() - 60
        for found in self._read("conversations_history", channel=channel, oldest=f"{since:.6f}"):
            if _payload(found) == self._about():
                return str(found["ts"])
        return ""

    def stages(self, channel: str, ts: str) -> list[tuple[str, int]]:
        """What the thread has told already, oldest first."""
        replies = self._read("conversations_replies", channel=channel, ts=ts)
        payloads = [payload for found in replies if (payload := _payload(found)) and "stage" in payload]
        return [(str(payload["stage"]), int(payload["number"])) for payload in payloads]

    def link(self, channel: str, ts: str) -> str:
        """The address of the incident's message; empty when Slack does not say."""
        try:
            return str(self.call("chat_getPermalink", channel=channel, message_ts=ts)["permalink"])
        except (NotTold, KeyError):
            return ""

    def _about(self) -> dict[str, Any]:
        return {"incident": self.message.incident, "environment": self.message.environment, "started_at": self.message.started_at}

    def metadata(self, parent: bool = False) -> dict[str, Any]:
        more = {} if parent else {"stage": self.message.stage, "number": self.message.number}
        return {"event_type": EVENT, "event_payload": {**self._about(), **more}}

    def current(self) -> str:
        """The incident's message: what is being told now, and the facts."""
        facts = [f"*{escaped(label)}* {escaped(value)}" for label, value in self.message.facts if label != HEAD]
        parts = [f"*{escaped(self.message.title)}*", escaped(self.message.text), "\n".join(facts), self.slack.mentions]
        return _cut("\n\n".join(part for part in parts if part))

    def news(self) -> str:
        """What the thread gets."""
        parts = [f"*{escaped(self.message.title)}*", escaped(self.message.text), self.head()]
        return _cut("\n\n".join(part for part in parts if part))

    def head(self) -> str:
        """The head of the journal's chain, kept where whoever may write to the incident store may not."""
        found = dict(self.message.facts).get(HEAD, "") if self.message.stage in WITH_HEAD else ""
        return f"{HEAD}: `{found}`" if found else ""


def escaped(text: str) -> str:
    """As Slack shows it, letter by letter; nobody is called and nothing is linked by what a reason says."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _payload(message: Mapping[str, Any]) -> dict[str, Any] | None:
    metadata = message.get("metadata") or {}
    return dict(metadata["event_payload"]) if metadata.get("event_type") == EVENT else None


def _is_newest(message: Message, seen: list[tuple[str, int]]) -> bool:
    """Whether the thread has told nothing after it."""
    key = (message.stage, message.number)
    return key not in seen or seen[-1] == key


def _pause(response: Any) -> float | None:
    """Seconds until a rate limit ends; None when it is something else."""
    if response.status_code != 429:
        return None
    try:
        return float(response.headers.get("Retry-After") or response.headers.get("retry-after") or 1)
    except ValueError:
        return 1.0


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
