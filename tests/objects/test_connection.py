"""An answer is read whole, however it arrives, and one that is not whole is never taken for an answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.connection import Answer, Broken, Connection
from hypothesis import given
from hypothesis import strategies as st


def received(sent: list[bytes], ends: bool, bodiless: bool = False) -> tuple[Answer | None, bool]:
    """The answer made of pieces that arrive one by one, and whether the connection may be used again."""
    here, there = socket.socketpair()
    with there:
        connection = Connection(here, None, "")
        try:
            connection.start(b"GET / HTTP/1.1\r\n\r\n", bodiless)
            answer = connection.advance()
            for piece in sent:
                assert answer is None
                there.sendall(piece)
                answer = connection.advance()
            if ends and answer is None:
                there.shutdown(socket.SHUT_WR)
                answer = connection.advance()
            return answer, connection.reusable
        finally:
            connection.close()


def cut(data: st.DataObject, whole: bytes) -> list[bytes]:
    places = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=8)))
    return [whole[start:end] for start, end in zip([0, *places], [*places, len(whole)], strict=True)]


def chunks(data: st.DataObject, body: bytes) -> Iterator[bytes]:
    for piece in cut(data, body) if len(body) > 1 else filter(None, [body]):
        yield b"%x;note=1\r\n%b\r\n" % (len(piece), piece)


@given(st.data(), st.binary(max_size=200), st.booleans())
def test_whole_however_it_arrives(data: st.DataObject, body: bytes, interim: bool) -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\n" if interim else b""
    head = b"HTTP/1.1 200 OK\r\nX-Amz-Version-Id:  v1 \r\n"
    counted = early + head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    pieces = b"".join(chunks(data, body))
    chunked = early + head + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\nX-Trailer: 1\r\n\r\n"
    for whole in (counted, chunked):
        answer, reusable = received(cut(data, whole), ends=False)
        assert answer is not None
        assert reusable
        assert (answer.status, answer.headers["x-amz-version-id"], answer.body) == (200, "v1", body)


@given(st.data(), st.binary(min_size=1, max_size=50))
def test_cut_off_anywhere_is_no_answer(data: st.DataObject, body: bytes) -> None:
    counted = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunks(data, body)) + b"0\r\n\r\n"
    for whole in (counted, chunked):
        with pytest.raises(Broken):
            received([whole[: data.draw(st.integers(1, len(whole) - 1))]], ends=True)


def test_without_a_length_it_goes_on_until_the_server_hangs_up() -> None:
    answer, reusable = received([b"HTTP/1.0 200 OK\r\n\r\nsome", b" more"], ends=True)
    assert answer is not None
    assert (answer.body, reusable) == (b"some more", False)


@pytest.mark.parametrize(
    ("head", "bodiless"), [(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", True), (b"HTTP/1.1 204 No Content\r\n\r\n", False)]
)
def test_headers_alone(head: bytes, bodiless: bool) -> None:
    answer, reusable = received([head], ends=False, bodiless=bodiless)
    assert answer is not None
    assert (answer.body, reusable) == (b"", True)


@pytest.mark.parametrize("noise", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 what\r\n\r\n", b"\x15\x03\x01" * 400_000])
def test_what_is_no_http_is_no_answer(noise: bytes) -> None:
    with pytest.raises(Broken):
        received([noise[i : i + 60_000] for i in range(0, len(noise), 60_000)], ends=True)


def test_a_server_that_closes_after_its_answer_is_not_asked_again_there() -> None:
    answer, reusable = received([b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"], ends=False)
    assert answer is not None
    assert not reusable
