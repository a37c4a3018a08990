# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers made of lines that may never end: read until nothing has come for a while."""
from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Unavailable, VendorError
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import requests
    import urllib3
else:
    requests = library("requests")
    urllib3 = library("urllib3")

TIMEOUT = (5, 9)
"""Seconds to connect, and to wait for the first part of an answer."""


def read(session: Any, url: str, quiet: float, seconds: float, **query: Any) -> Iterator[str]:
    """The lines at C(url), until none has come for C(quiet) seconds, or for C(seconds) altogether."""
    until = time.monotonic() + seconds
    try:
        response = session.get(url, params=query, stream=True, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException:
        raise Unavailable("the log did not answer", "Run the same command again.") from None
    if response.status_code != 200:
        response.close()
        raise VendorError(f"the log answered {response.status_code}", "Look at the vendor's dashboard.")
    arrived: queue.Queue[str | None] = queue.Queue()
    enough = threading.Event()
    threading.Thread(target=_receive, args=(response, arrived, enough), daemon=True).start()
    while (left := until - time.monotonic()) > 0:
        try:
            line = arrived.get(timeout=min(quiet, left))
        except queue.Empty:
            break
        if line is None:
            break
        yield line
    enough.set()
    with contextlib.suppress(Exception):  # older versions of urllib3 cannot: the reader then ends with its own time-out
        response.raw.shutdown()


def anonymous() -> Any:
    """A session that carries no token, whatever ~/.netrc says."""
    session = requests.Session()
    session.auth = lambda request: request
    return session


def _receive(response: Any, arrived: queue.Queue[str | None], enough: threading.Event) -> None:
    """Each line as it comes, None after the last."""
    with contextlib.suppress(requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError), response:
        for line in response.iter_lines(chunk_size=None):
            arrived.put(line.decode(errors="replace"))
            if enough.is_set():
                break
    arrived.put(None)
