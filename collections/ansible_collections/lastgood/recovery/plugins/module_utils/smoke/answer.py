# SPDX-License-Identifier: GPL-3.0-or-later
"""One request from outside, and what came back."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span

if TYPE_CHECKING:
    import requests
    import urllib3
else:
    requests, urllib3 = library("requests"), library("urllib3")

MISSING = object()
"""What C(find) returns for a path that leads nowhere."""


class NoAnswer(Exception):
    """No complete answer, and why in words. C(ours): the fault is on this side. C(begun): an answer had begun."""

    def __init__(self, why: str, ours: bool = False, begun: bool = False) -> None:
        super().__init__(why)
        self.ours = ours
        self.begun = begun


@dataclass(frozen=True)
class Answer:
    """A complete answer: header names match in any case, C(seconds) run from the question to the body's last byte."""

    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float

    def json(self) -> Any:
        """The document in the body, or MISSING when that is not JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return MISSING


def find(document: Any, path: str) -> Any:
    """What a dotted path such as C(items.0.price) leads to, or MISSING."""
    for part in path.split("."):
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            return MISSING
    return document


def new_session() -> Any:
    """Cookies for one flow. Without an C(auth) of its own requests would let ~/.netrc replace an Authorization header."""
    session = requests.Session()
    session.auth = lambda request: request
    session.headers.update({"User-Agent": "lastgood", "Cache-Control": "no-cache"})
    return session


def ask(session: Any, request: Mapping[str, Any]) -> Answer:
    """The answer to a request {method, url, headers, body, form, timeout, follow}; NoAnswer within about its time-out."""
    started = time.monotonic()
    body, timeout = request["body"], request["timeout"]
    begun = False
    try:
        with session.request(
            request["method"],
            request["url"],
            headers={name: str(value) for name, value in request["headers"].items()},
            json=None if isinstance(body, str) else body,
            data=body.encode() if isinstance(body, str) else request["form"],
            timeout=timeout,
            allow_redirects=request["follow"],
            stream=True,
        ) as response:
            begun = True
            content = b"".join(_pieces(response, started + timeout))
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _no_answer(error, timeout, begun) from None
    declared = "charset=" in response.headers.get("Content-Type", "").lower()
    try:
        text = content.decode(response.encoding if declared and response.encoding else "utf-8", errors="replace")
    except LookupError:  # a charset that nobody knows
        text = content.decode(errors="replace")
    return Answer(response.status_code, response.headers, text, time.monotonic() - started)


def _pieces(response: Any, deadline: float) -> Iterator[bytes]:
    """The body as it comes in: a time-out in requests only bounds each wait, so a body that trickles could last for ever."""
    while piece := response.raw.read1(65536, decode_content=True):
        yield piece
        if time.monotonic() > deadline:
            raise TimeoutError


def _no_answer(error: Exception, timeout: float, begun: bool) -> NoAnswer:
    causes = tuple(_causes(error))

    def caused_by(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if caused_by(socket.gaierror):
        return NoAnswer("a name that cannot be resolved here", ours=True)
    if caused_by(requests.exceptions.ProxyError):
        return NoAnswer("a proxy that did not let it through", ours=True)
    if caused_by(requests.TooManyRedirects):
        return NoAnswer("redirects in a circle", begun=True)
    if caused_by(requests.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError):
        return NoAnswer(f"no {'complete ' if begun else ''}answer within {span(timeout)}", begun=begun)
    if caused_by(requests.exceptions.SSLError):
        return NoAnswer("a TLS connection that cannot be trusted")
    if caused_by(ConnectionRefusedError):
        return NoAnswer("a refused connection")
    if caused_by(requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.InvalidHeader):
        return NoAnswer("a request that cannot be sent as it is written", ours=True)
    if caused_by(OSError, urllib3.exceptions.HTTPError):
        return NoAnswer("an answer that broke off" if begun else "a connection that broke off", begun=begun)
    return NoAnswer("a request that cannot be sent as it is written", ours=True, begun=begun)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it: requests and urllib3 wrap what the socket said several times over."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
