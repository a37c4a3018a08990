"""Lines of an answer that may never end."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import line_stream
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Unavailable, VendorError

Speak = Callable[[socket.socket], None]
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(text: str) -> bytes:
    return f"{len(text.encode()):x}\r\n{text}\r\n".encode()


@pytest.fixture
def serve() -> Iterator[Callable[[Speak], str]]:
    """The address of a server that says that to its only visitor, and stays open until the test has ended."""
    ended, opened = threading.Event(), []

    def start(speak: Speak) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)

        def answer() -> None:
            with contextlib.suppress(OSError):  # whoever reads may leave at any time
                visitor, _address = server.accept()
                with visitor:
                    visitor.recv(65536)
                    speak(visitor)
                    ended.wait(10)

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/log"

    yield start
    ended.set()
    for server in opened:
        server.close()


def lines(url: str, quiet: float = 0.2, seconds: float = 5) -> list[str]:
    return list(line_stream.read(line_stream.anonymous(), url, quiet, seconds))


def test_it_ends_when_nothing_comes_any_more(serve: Callable[[Speak], str]) -> None:
    url = serve(lambda visitor: visitor.sendall(CHUNKED + chunk("one\ntw") + chunk("o\nthr")))

    assert lines(url) == ["one", "two"], "half a line is none"


def test_it_ends_although_there_is_always_more(serve: Callable[[Speak], str]) -> None:
    left = threading.Event()

    def babble(visitor: socket.socket) -> None:
        visitor.sendall(CHUNKED)
        while True:
            visitor.sendall(chunk("more\n" * 100))
            left.wait(0.01)

    assert set(lines(serve(babble), quiet=1, seconds=0.3)) == {"more"}


def test_an_answer_that_ends_and_one_that_breaks_off(serve: Callable[[Speak], str]) -> None:
    assert lines(serve(lambda visitor: visitor.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\none\ntwo\n"))) == ["one", "two"]

    def break_off(visitor: socket.socket) -> None:
        visitor.sendall(CHUNKED + chunk("one\n"))
        visitor.shutdown(socket.SHUT_RDWR)

    assert lines(serve(break_off)) == ["one"]


def test_no_is_no_log(serve: Callable[[Speak], str]) -> None:
    with pytest.raises(VendorError, match="answered 404"):
        lines(serve(lambda visitor: visitor.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")))
    with pytest.raises(Unavailable):
        lines("http://127.0.0.1:9/log")
