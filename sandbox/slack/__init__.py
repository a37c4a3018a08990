"""Slack's Web API: channels, messages, threads and the metadata of messages, as far as a bot that tells of incidents needs it."""

from __future__ import annotations

import json
import time
from typing import Any, ClassVar

from sandbox.emulator import Bucket, Call, Refusal, Route
from sandbox.no_releases import NoReleases
from sandbox.state import Row

CHANNELS = {"C0INCIDENTS": "incidents", "C0ENGINEERING": "engineering-alerts", "C0ARCHIVED": "old-incidents", "C0PRIVATE": "board"}
ARCHIVED, NOT_A_MEMBER = "C0ARCHIVED", "C0PRIVATE"
SCOPES = {
    "sandbox-slack-token": {"chat:write", "channels:history"},
    "sandbox-slack-token-writes": {"chat:write"},
}
BOT = "U0LASTGOOD"
TEXT = 40_000
_DOMAIN = "https://rachelfoods-sandbox.slack.com"


def post_message(vendor: Slack, call: Call) -> Row:
    """A repeated post is another message: Slack does not recognise it."""
    vendor.needs(call, "chat:write")
    channel = vendor.channel(call)
    text = str(vendor.given(call, "text") or "")
    if not text:
        raise Refusal(200, "no_text")
    thread = vendor.given(call, "thread_ts")
    if thread and not any(row["ts"] == thread for row in vendor.rows["messages"]):
        raise Refusal(200, "thread_not_found")
    row = {"channel": channel, "ts": vendor.next_ts(), "text": text[:TEXT], "user": BOT, "metadata": vendor.metadata(call)}
    if thread:
        row["thread_ts"] = thread
    vendor.rows["messages"].append(row)
    return {"ok": True, "channel": channel, "ts": row["ts"], "message": _shown(row, False)}


def update(vendor: Slack, call: Call) -> Row:
    vendor.needs(call, "chat:write")
    channel = vendor.channel(call)
    row = vendor.message(channel, vendor.given(call, "ts"))
    row["text"] = str(vendor.given(call, "text") or "")[:TEXT]
    row["edited"] = {"user": BOT, "ts": vendor.next_ts()}
    if "metadata" in (call.body or {}):
        row["metadata"] = vendor.metadata(call)
    return {"ok": True, "channel": channel, "ts": row["ts"], "text": row["text"], "message": _shown(row, False)}


def history(vendor: Slack, call: Call) -> Row:
    """Newest first, without what is only in threads; metadata when it is asked for."""
    vendor.needs(call, "channels:history")
    channel = vendor.channel(call)
    oldest = float(vendor.given(call, "oldest") or 0)
    rows = [row for row in vendor.rows["messages"] if row["channel"] == channel and "thread_ts" not in row and float(row["ts"]) > oldest]
    limit = int(vendor.given(call, "limit") or 100)
    shown = [_shown(row, vendor.wants_metadata(call)) for row in reversed(rows)]
    pins = {"pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0}
    return {"ok": True, "messages": shown[:limit], "has_more": len(rows) > limit, **pins}


def replies(vendor: Slack, call: Call) -> Row:
    """The message itself, then its thread, oldest first."""
    vendor.needs(call, "channels:history")
    channel, ts = vendor.channel(call), vendor.given(call, "ts")
    parent = vendor.message(channel, ts, "thread_not_found")
    rows = [parent, *(row for row in vendor.rows["messages"] if row.get("thread_ts") == ts)]
    return {"ok": True, "messages": [_shown(row, vendor.wants_metadata(call)) for row in rows], "has_more": False}


def permalink(vendor: Slack, call: Call) -> Row:
    channel, ts = vendor.channel(call), str(vendor.given(call, "message_ts"))
    vendor.message(channel, ts)
    return {"ok": True, "channel": channel, "permalink": f"{_DOMAIN}/archives/{channel}/p{ts.replace('.', '')}"}


def auth_test(vendor: Slack, call: Call) -> Row:
    about = {"url": f"{_DOMAIN}/", "team": "RachelFoods", "team_id": "T0SANDBOX"}
    return {"ok": True, **about, "user": "lastgood", "user_id": BOT, "bot_id": "B0LASTGOOD"}


def _shown(row: Row, with_metadata: bool) -> Row:
    hidden = {"channel"} if with_metadata else {"channel", "metadata"}
    return {"type": "message", **{key: value for key, value in row.items() if key not in hidden and value is not None}}


class Slack(NoReleases):
    """The API of slack.com below `/api`: errors are answers with status 200, but for the rate limit."""

    name = "slack"
    served = ()
    tokens = tuple(SCOPES)
    limits: ClassVar = {"read": (50, 60.0), "write": (60, 60.0)}
    latencies: ClassVar = {"http": 0.0}
    steps: ClassVar = {}
    routes: ClassVar[list[Route]] = [
        (method, f"/api/{path}", function)
        for path, function in (
            ("chat.postMessage", post_message),
            ("chat.update", update),
            ("conversations.history", history),
            ("conversations.replies", replies),
            ("chat.getPermalink", permalink),
            ("auth.test", auth_test),
        )
        for method in ("GET", "POST")
    ]

    @property
    def rows(self) -> Row:
        rows: Row = self.state.data[self.name]
        return rows

    def bucket_name(self, call: Call) -> str:
        return "write" if call.path.startswith("/api/chat.") else "read"

    @classmethod
    def history(cls, friday: int) -> Row:
        return {"messages": [], "last": friday / 1000}

    def authorize(self, call: Call) -> None:
        if not call.bearer:
            raise Refusal(200, "not_authed")
        if call.bearer not in self.tokens:
            raise Refusal(200, "invalid_auth")
        if self.state.fails_now(self.name):
            raise Refusal(200, "internal_error")

    def limit_headers(self, bucket: Bucket) -> dict[str, str]:
        return {} if bucket.used <= bucket.limit else {"Retry-After": str(max(1, round(bucket.resets_at - time.time())))}

    def too_many(self, bucket: Bucket) -> Refusal:
        return Refusal(429, "ratelimited")

    def error_body(self, refusal: Refusal) -> Row:
        words = {"service_unavailable": "service_unavailable", "not_found": "unknown_method"}
        return {"ok": False, "error": words.get(refusal.code, refusal.message), **refusal.extra}

    def given(self, call: Call, name: str) -> Any:
        """An argument, from JSON, a form or the query: Slack takes all of them."""
        body = call.body if isinstance(call.body, dict) else {}
        return body.get(name, call.query.get(name))

    def wants_metadata(self, call: Call) -> bool:
        return str(self.given(call, "include_all_metadata")).lower() in ("1", "true")

    def metadata(self, call: Call) -> Any:
        found = self.given(call, "metadata")
        found = json.loads(found) if isinstance(found, str) else found
        if found is not None and not (isinstance(found, dict) and found.get("event_type") and isinstance(found.get("event_payload"), dict)):
            raise Refusal(200, "invalid_metadata_format")
        return found

    def needs(self, call: Call, scope: str) -> None:
        if scope not in SCOPES[call.bearer]:
            raise Refusal(200, "missing_scope", needed=scope, provided=",".join(sorted(SCOPES[call.bearer])))

    def channel(self, call: Call) -> str:
        """The id of a channel that the bot is in, by id or name."""
        given = str(self.given(call, "channel") or "").removeprefix("#")
        found = next((id for id, name in CHANNELS.items() if given in (id, name)), None)
        if found is None:
            raise Refusal(200, "channel_not_found")
        if found == ARCHIVED:
            raise Refusal(200, "is_archived")
        if found == NOT_A_MEMBER:
            raise Refusal(200, "not_in_channel")
        return found

    def message(self, channel: str, ts: Any, problem: str = "message_not_found") -> Row:
        found = next((row for row in self.rows["messages"] if (row["channel"], row["ts"]) == (channel, ts)), None)
        if found is None:
            raise Refusal(200, problem)
        return found

    def next_ts(self) -> str:
        """A time stamp that no other message has."""
        self.rows["last"] = max(time.time(), self.rows["last"] + 0.000001)
        return f"{self.rows['last']:.6f}"

    # It has no releases ----------------------------------------------------------------------------------------

    def targets(self) -> list[str]:
        return [self.name]
