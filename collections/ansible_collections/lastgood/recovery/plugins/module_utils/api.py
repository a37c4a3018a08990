# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport to vendors' HTTP APIs: time-outs, repeated reads, rate limits, one error for each way to fail."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.http_answer import Answer, receive
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.moment import span
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import wait

if TYPE_CHECKING:
    import requests
    import urllib3
else:
    requests = library("requests")
    urllib3 = library("urllib3")  # what requests is built on; its errors pass through where a body is read in parts

TIMEOUT: tuple[float, float] = (5, 9)
"""Seconds to connect, and to wait for each part of an answer."""
DEADLINE: float = 30
"""Seconds for a whole answer, in however many parts it comes."""
SOON: float = 2
"""Seconds to connect where the run has to be over by a certain time."""
READ_PAUSES = (0.2, 0.5, 1, 2, 4)
"""Seconds between the attempts of a safe read."""
PATIENCE = 120
"""The longest wait, in seconds, for a rate limit to reset."""

BY_STATUS: dict[int, type[errors.RecoveryError]] = {
    400: errors.BadRequest,
    401: errors.NotAuthorised,
    402: errors.PlanLimit,
    403: errors.NotAuthorised,
    404: errors.NotFound,
    409: errors.Conflict,
    410: errors.NotRestorable,
    422: errors.NotRestorable,
}


class Api:
    """One vendor's API.

    C(headers) go with every call, the token among them, and so does the query C(scope). C(explain) finds the vendor's own words in an
    error's body where they are not its C(message), C(reset) the seconds until a rate limit ends where no C(Retry-After) says it,
    C(reject) the error in an answer whose status says that all is well. C(kinds) are the statuses that mean something else here than
    at most vendors.
    """

    def __init__(
        self,
        vendor: str,
        url: str,
        headers: dict[str, str],
        run: Run,
        explain: Callable[[Any], str] | None = None,
        reset: Callable[[Any], float | None] = lambda answer: None,
        hints: dict[type[errors.RecoveryError], str] | None = None,
        scope: dict[str, str] | None = None,
        reject: Callable[[Any], errors.RecoveryError | None] = lambda body: None,
        kinds: dict[int, type[errors.RecoveryError]] | None = None,
    ) -> None:
        self.vendor = vendor
        self.url = url.rstrip("/")
        self.run = run
        self.explain = explain or _message
        self.reset = reset
        self.hints = hints or {}
        self.scope = scope or {}
        self.reject = reject
        self.kinds = {**BY_STATUS, **(kinds or {})}
        self.clock_ahead = 0.0  # seconds, the most that an answer has shown; a negative number when it is behind
        self.session = requests.Session()
        self.session.auth = _with(headers)  # not plain headers: requests would let ~/.netrc replace the token

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at C(path). Safe, so it is repeated until it answers or Unavailable is certain."""
        return self._look("GET", path, query, None)[0]

    def page(self, path: str, headers: dict[str, str], **query: Any) -> tuple[Any, Any]:
        """The same with headers sent and received, for vendors that turn pages in them."""
        return self._look("GET", path, query, None, headers)

    def ask(self, path: str, body: Any, method: str = "POST", named: str = "", **query: Any) -> Any:
        """The JSON answer to a call that looks like a change and only reads; repeated like C(get). C(named) is as in C(send)."""
        return self._look(method, path, query, body, named=named)[0]

    def _look(
        self, method: str, path: str, query: dict[str, Any], body: Any, headers: dict[str, str] | None = None, named: str = ""
    ) -> tuple[Any, Any]:
        problem = ""
        for pause in (None,) if self.run.until else (*READ_PAUSES, None):
            try:
                response = self._request(method, path, query, body, headers)
                if response.status_code < 500:
                    return self._read(response), response.headers
                problem = f"answered {response.status_code}"
            except _Silence as silence:
                problem = str(silence)
            if pause is not None:
                wait(pause, f"{self.vendor} does not answer ({problem})", self.run.tell)
        raise self._error(errors.Unavailable, f"{self.vendor} does not answer {method} {named or path}: {problem}")

    def send(
        self, method: str, path: str, body: Any = None, named: str = "", headers: dict[str, str] | None = None, **query: Any
    ) -> Any:
        """The JSON answer to a call that changes something; made once. Unanswered when nobody can tell whether it took effect.

        C(named) stands for the call in records and messages where every call has the same path.
        """
        named = named or path
        self.run.record("call", method=method, path=named)
        started = time.monotonic()
        status: int | None = None
        try:
            response = self._request(method, path, query, body, headers)
            status = response.status_code
            if status >= 500:
                raise self._error(errors.Unanswered, f"{self.vendor} answered {status} to {method} {named}")
            return self._read(response)
        except _Silence as silence:
            raise self._error(errors.Unanswered, f"{self.vendor} gave no clear answer to {method} {named}: {silence}") from None
        finally:
            self.run.record("answer", method=method, path=named, status=status, seconds=round(time.monotonic() - started, 3))

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any, headers: dict[str, str] | None = None) -> Answer:
        """The response, once the rate limit lets the call through: a call refused with 429 has changed nothing."""
        waited = 0.0
        while True:
            timeout, until = self._limits()
            try:
                response = self.session.request(
                    method,
                    self.url + path,
                    params={**query, **self.scope},
                    json=None if isinstance(body, Form) else body,
                    data=body if isinstance(body, Form) else None,
                    headers=headers,
                    timeout=timeout,
                    allow_redirects=False,  # following one could carry the token elsewhere
                    stream=True,
                )
                answer = receive(response, until)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                raise _Silence(_plainly(error)) from None
            self._compare_clocks(answer)
            if answer.status_code != 429:
                return answer
            seconds = self._until_reset(answer)
            if waited + seconds > (until - time.monotonic() if self.run.until else PATIENCE):
                words = f"still allows no calls after {span(waited)}" if waited else f"allows no more calls for {span(seconds)}"
                raise self._error(errors.RateLimited, f"{self.vendor} {words}")
            wait(seconds, f"{self.vendor} asks to slow down", self.run.tell)
            waited += seconds

    def _limits(self) -> tuple[tuple[float, float], float]:
        """Seconds to connect and for each part of an answer, and when all of it has to be there (monotonic)."""
        if self.run.until is None:
            return TIMEOUT, time.monotonic() + DEADLINE
        left = self.run.until - time.monotonic()
        if left <= 0:
            raise _Silence("there is no time left")
        return (min(SOON, left), left), self.run.until

    def _compare_clocks(self, answer: Answer) -> None:
        if answer.date:
            ahead = answer.date.timestamp() - time.time()
            self.clock_ahead = max(self.clock_ahead, ahead, key=abs)

    def _until_reset(self, answer: Answer) -> float:
        """Seconds, as the vendor says it or by the usual header; one when neither tells."""
        try:
            seconds = self.reset(answer)
        except (LookupError, TypeError, ValueError):
            seconds = None
        seconds = answer.retry_after if seconds is None else seconds
        return 1.0 if seconds is None else max(0.05, seconds)

    def _read(self, response: Answer) -> Any:
        fine = 200 <= response.status_code < 300
        try:
            body = response.json() if response.content else None
        except ValueError:
            body = None
            if fine:
                raise _Silence("the answer is not JSON") from None
        if fine:
            if error := self.reject(body):
                raise error
            return body
        if 300 <= response.status_code < 400:
            raise errors.VendorError(
                f"{self.vendor} answered {response.status_code}, which leads elsewhere; the token is not taken there",
                "Check api_url: it has to be the address that answers itself.",
            )
        kind = self.kinds.get(response.status_code, errors.VendorError)
        words = self.explain(body) if isinstance(body, dict) else ""
        raise self._error(kind, f"{self.vendor} answered {response.status_code}: {words or response.reason}")

    def _error(self, kind: type[errors.RecoveryError], message: str) -> errors.RecoveryError:
        return kind(message, self.hints.get(kind) or _HINTS.get(kind) or _HINTS[errors.VendorError])


_HINTS: dict[type[errors.RecoveryError], str] = {
    errors.Unavailable: "Look at the vendor's status page, then run the same command again.",
    errors.Unanswered: "It may or may not have taken effect; run the same command again, it reads back first.",
    errors.RateLimited: "Run the same command again after that.",
    errors.VendorError: "Look at the vendor's dashboard and status page; what the vendor said is all that is known.",
}


class Form(dict[str, Any]):
    """A body for vendors that want a form instead of JSON."""


class _Silence(Exception):
    """No usable answer."""


def bearer(token: str) -> dict[str, str]:
    """The header most vendors want the token in."""
    return {"Authorization": f"Bearer {token}"}


def _message(body: dict[str, Any]) -> str:
    return str(body.get("message") or "")


def _with(headers: dict[str, str]) -> Callable[[Any], Any]:
    def authorise(request: Any) -> Any:
        request.headers.update(headers)
        return request

    return authorise


def _plainly(error: Exception) -> str:
    """The kind of network failure in words, without the addresses and objects that urllib3 prints."""
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the TLS connection could not be trusted"
    if isinstance(error, requests.ConnectionError):
        return "the connection failed"
    return "the answer broke off"
