# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP/1.1 connection that never blocks: a request at a time, and an answer of which nothing may be missing."""
from __future__ import annotations

import selectors
import socket
import ssl
import time
from typing import NamedTuple

READABLE, WRITABLE = selectors.EVENT_READ, selectors.EVENT_WRITE
_BLOCK = 1 << 18


class Broken(Exception):
    """The connection ended, or what came is no HTTP, before the answer was complete."""


class Answer(NamedTuple):
    """Names of C(headers) are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """C(wants) says what to wait for before the next C(advance). C(touched) is when something last moved, on the monotonic clock."""

    def __init__(self, peer: socket.socket, tls: ssl.SSLContext | None, host: str) -> None:
        peer.setblocking(False)
        self._socket: socket.socket = peer
        self._tls, self._host = tls, host
        self.up = False
        """Connected, and over TLS agreed on keys."""
        self.watched = 0
        """What a selector waits for; the caller's to keep."""
        self.wants = WRITABLE
        self.touched = time.monotonic()
        self.reusable = True
        self._sending = memoryview(b"")
        self._bodiless = False
        self._received = bytearray()
        self._answer: _Reading | None = None

    def fileno(self) -> int:
        return self._socket.fileno()

    def start(self, request: bytes, bodiless: bool = False) -> None:
        """Begin to send it. C(bodiless): its answer has headers only, whatever they say."""
        self._sending, self._bodiless = memoryview(request), bodiless
        self._received.clear()
        self._answer = None
        self.touched = time.monotonic()
        self.wants = WRITABLE
        if self.up:
            self._send()

    def advance(self) -> Answer | None:
        """Do what can be done now; the answer, once it is complete. Broken when it never will be."""
        try:
            if not self.up and not self._opened():
                return None
            if self._sending:
                self._send()
                if self.wants & WRITABLE:
                    return None
            return self._receive()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return None
        except (OSError, ValueError) as error:
            raise Broken(f"{type(error).__name__}: {error}") from None

    def close(self) -> None:
        self._socket.close()

    def _opened(self) -> bool:
        if not isinstance(self._socket, ssl.SSLSocket):
            failed = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failed:
                raise OSError(failed, "cannot be reached")
            if self._tls is None:
                self.up = True
                return True
            self._socket = self._tls.wrap_socket(self._socket, server_hostname=self._host, do_handshake_on_connect=False)
        self.touched = time.monotonic()
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            self.wants = READABLE
            return False
        except ssl.SSLWantWriteError:
            self.wants = WRITABLE
            return False
        self.up = True
        return True

    def _send(self) -> None:
        try:
            while self._sending:
                self._sending = self._sending[self._socket.send(self._sending) :]
                self.touched = time.monotonic()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            self.wants = READABLE | WRITABLE
        except OSError:
            # The server may have answered before it hung up: what it said, or nothing, is read next.
            self._sending = memoryview(b"")
            self.reusable = False
        if not self._sending:
            self.wants = READABLE

    def _receive(self) -> Answer | None:
        while True:
            block = self._socket.recv(_BLOCK)
            self.touched = time.monotonic()
            self._received += block
            if self._answer is None:
                self._answer = _head(self._received, self._bodiless)
            if self._answer is not None and self._answer.complete(self._received, ended=not block):
                told = self._answer
                self.reusable = self.reusable and bool(block) and told.headers.get("connection", "").lower() != "close"
                self.reusable = self.reusable and told.at == len(self._received) and told.http11
                return Answer(told.status, told.headers, bytes(told.body))
            if not block:
                raise Broken("the server hung up")
            # TLS may hold decrypted bytes back that no selector knows of.
            if not (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
                return None


class _Reading:
    """An answer whose headers are there; C(at) is how far what was received has been understood."""

    def __init__(self, status: int, headers: dict[str, str], at: int, bodiless: bool, http11: bool) -> None:
        self.status, self.headers, self.at, self.http11 = status, headers, at, http11
        self.body = bytearray()
        self._chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        self._left = 0 if bodiless or status == 204 or status == 304 else int(headers.get("content-length", "-1"))
        if bodiless:
            self._chunked = False

    def complete(self, received: bytearray, ended: bool) -> bool:
        if self._chunked:
            return self._chunks(received)
        if self._left < 0:  # it goes on until the server hangs up
            self.body += received[self.at :]
            self.at = len(received)
            return ended
        if len(received) - self.at < self._left:
            return False
        self.body += received[self.at : self.at + self._left]
        self.at += self._left
        return True

    def _chunks(self, received: bytearray) -> bool:
        while (line := received.find(b"\r\n", self.at)) >= 0:
            size = int(received[self.at : line].partition(b";")[0], 16)
            if size == 0:
                # Trailers end with an empty line, and so do none.
                end = received.find(b"\r\n\r\n", line)
                if end >= 0:
                    self.at = end + 4
                return end >= 0
            if len(received) < line + 2 + size + 2:
                return False
            self.body += received[line + 2 : line + 2 + size]
            self.at = line + 2 + size + 2
        return False


def _head(received: bytearray, bodiless: bool) -> _Reading | None:
    """None while it is not complete. ValueError for what is no HTTP."""
    while (end := received.find(b"\r\n\r\n")) >= 0:
        first, *lines = received[:end].decode("latin-1").split("\r\n")
        if not first.startswith("HTTP/1."):
            raise ValueError("no HTTP")
        status = int(first[9:12])
        if status >= 200:
            headers = {name.lower(): value.strip() for name, _colon, value in [line.partition(":") for line in lines]}
            return _Reading(status, headers, end + 4, bodiless, first.startswith("HTTP/1.1"))
        del received[: end + 4]  # 100 Continue and the like announce the answer
    if len(received) > 1 << 20:
        raise ValueError("no HTTP")
    return None
