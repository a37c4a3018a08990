"""The sandbox's Slack alone, in a thread of the test, and what can be read in it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.addresses import HOST
from sandbox.server import latencies
from sandbox.slack import Slack
from sandbox.state import State

TOKEN = "sandbox-slack-token"
CHANNEL = "C0INCIDENTS"


class Workspace:
    """Answers until it is closed; `fail`, `outage` and `limit` are as the sandbox's controls have them."""

    def __init__(self, directory: Path) -> None:
        self.state = State(directory / "slack.json", lambda: {"slack": Slack.history(0)}, latencies((Slack,)))
        self.slack = Slack(self.state)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner = web.AppRunner(self.slack.application(), access_log=None, shutdown_timeout=0.1)
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    async def _open(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}/api/"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def outage(self, on: bool) -> None:
        self.state.settings["outage"] = ["slack"] if on else []

    def slow(self, seconds: float) -> None:
        self.state.settings["latency"]["slack.http"] = seconds

    def limit(self, calls: int, seconds: float) -> None:
        """So many posts in that time."""
        self.state.settings["limits"]["buckets"]["slack.write"] = (calls, seconds)

    @property
    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.slack.rows["messages"]
        return found

    @property
    def parents(self) -> list[str]:
        return [row["text"] for row in self.messages if "thread_ts" not in row]

    @property
    def thread(self) -> list[str]:
        return [row["text"] for row in self.messages if "thread_ts" in row]

    def options(self, **more: Any) -> dict[str, Any]:
        """Of a channel of the inventory."""
        return {"name": "incidents", "kind": "slack", "channel": CHANNEL, "token": TOKEN, "base_url": self.url} | more
