"""Host names for tests: each name is an address of this machine, behind which is the database of whatever bears the name just now."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

SSL, GSS = 80877103, 80877104


class Names:
    """C(behind) tells which database of the server at C(port) a name leads to; None for a name that leads nowhere."""

    def __init__(self, port: int, server: tuple[str, int], behind: Callable[[str], str | None]) -> None:
        self.port, self.server, self.behind = port, server, behind
        self.listening: dict[str, socket.socket] = {}
        self.asked: list[str] = []

    def address(self, name: str) -> str:
        """Where clients find the name; the same for the same name."""
        if name not in self.listening:
            host = f"127.0.1.{len(self.listening) + 1}"
            self.listening[name] = socket.create_server((host, self.port))
            threading.Thread(target=self._accept, args=(name, self.listening[name]), daemon=True).start()
        return self.listening[name].getsockname()[0]

    def close(self) -> None:
        for listener in self.listening.values():
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, name: str, listener: socket.socket) -> None:
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(name, client), daemon=True).start()

    def _serve(self, name: str, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, struct.error):
            words = _startup(client)
            database = self.behind(name)
            if database is None:
                return
            self.asked.append(name)
            words[words.index(b"database") + 1] = database.encode()
            body = struct.pack("!i", 196608) + b"\0".join(words) + b"\0\0"
            with socket.create_connection(self.server) as server:
                server.sendall(struct.pack("!i", len(body) + 4) + body)
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join()


def _startup(client: socket.socket) -> list[bytes]:
    """Keys and values of a client's first message, once it has learned that there is no encryption here."""
    while True:
        length, code = struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))
        if code not in (SSL, GSS):
            return client.recv(length - 8, socket.MSG_WAITALL).rstrip(b"\0").split(b"\0")
        client.sendall(b"N")


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
