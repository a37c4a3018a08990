"""Talks to a running sandbox's control API; standard library only, so that a command starts at once."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from sandbox.addresses import AWS, EDGE, SERVED, VENDORS, url


class ControlError(Exception):
    """The sandbox refused, or does not answer; the message says which."""


class Client:
    """The controls of the sandbox on the ports from `port` on."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.control_url = url(port, 0)

    def vendor_url(self, vendor: str) -> str:
        """Where a vendor's API answers: `vendor_url("render")`."""
        return url(self.port, VENDORS[vendor])

    def served_url(self, address: str) -> str:
        """Where a domain or a service answers: `served_url("shop.rachelfoods.test")`."""
        return url(self.port, SERVED[address])

    @property
    def aws_url(self) -> str:
        """The `endpoint_url` of every service of AWS."""
        return url(self.port, AWS)

    @property
    def edge_urls(self) -> dict[str, str]:
        """Where the edge answers, by point of presence."""
        return {name: url(self.port, offset) for name, offset in EDGE.items()}

    def ship(self, target: str, kind: str = "good", message: str = "") -> dict[str, Any]:
        """Push a release; `{release, commit, at, held}`. `release` is None when auto-deploy is off."""
        shipped: dict[str, Any] = self.control("ship", target=target, kind=kind, message=message)
        return shipped

    def state(self) -> dict[str, Any]:
        """All that the sandbox remembers, and what each address serves under `serving`."""
        state: dict[str, Any] = self.read("state")
        return state

    def set_latency(self, **seconds: float) -> dict[str, float]:
        """`set_latency(vendors=0)`, `set_latency(**{"vercel.settle": 2})`; all latencies afterwards."""
        latency: dict[str, float] = self.control("latency", **seconds)
        return latency

    def shop(self, seconds: float = 10) -> dict[str, Any]:
        """The shop's own view of its last checkouts: `{attempts, failed, results, error_rate, p95_seconds}`."""
        shop: dict[str, Any] = self.read("shop", seconds=seconds)
        return shop

    def reset(self) -> None:
        """Back to the seeded history, without orders; latencies, load and the switch of the limits stay."""
        self.control("reset")

    def control(self, command: str, **given: Any) -> Any:
        """Any other control: `stuck`, `outage`, `fail`, `pin`, `plan`, `retention`, `rates`, `load`, `remember`, `recall`."""
        return self._call(command, json.dumps(given).encode())

    def read(self, name: str = "", **query: Any) -> Any:
        return self._call(f"{name}?{urllib.parse.urlencode(query)}" if query else name, None)

    def _call(self, path: str, body: bytes | None) -> Any:
        try:
            with urllib.request.urlopen(f"{self.control_url}/{path}", body, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            text = refused.read().decode()
            raise ControlError(json.loads(text)["error"] if text.startswith("{") else text) from None
        except (OSError, ValueError) as problem:
            raise ControlError(f"no sandbox answers on {self.control_url}: {problem}") from None
