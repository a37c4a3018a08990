# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections to the place that botocore resolved: over TLS with its certificates, through the environment's proxy."""
from __future__ import annotations

import base64
import itertools
import socket
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import CONNECT
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.connection import Broken, Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.signing import Place


class Dialler:
    """C(known) is the boto3 session, which may name certificates to trust."""

    def __init__(self, place: Place, known: Any) -> None:
        self._place = place
        self._tls = _trusting(known) if place.secure else None
        scheme = "https" if place.secure else "http"
        proxies = library("botocore.utils").get_environ_proxies(f"{scheme}://{place.authority}/")
        found = proxies.get(scheme) or ""
        self._proxy = urlsplit(found if "//" in found else f"http://{found}") if found else None
        self._addresses: Iterator[tuple[Any, ...]] | None = None

    @property
    def absolute(self) -> str:
        """What requests put before their path: a proxy that does not tunnel has to be told the host there, too."""
        return f"http://{self._place.authority}" if self._proxy and not self._place.secure else ""

    def dial(self) -> Connection:
        """A new connection, which may still be on its way. Broken when it cannot even be begun."""
        try:
            if self._proxy and self._place.secure:
                return Connection(self._tunnel(), self._tls, self._place.host)
            return Connection(self._begin(), self._tls, self._place.host)
        except OSError as error:
            raise Broken(f"{type(error).__name__}: {error}") from None

    def _begin(self) -> socket.socket:
        if self._addresses is None:  # S3 names several machines: each connection takes the next
            host, port = (self._proxy.hostname, self._proxy.port or 80) if self._proxy else (self._place.host, self._place.port)
            self._addresses = itertools.cycle(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        family, kind, protocol, _name, address = next(self._addresses)
        begun = socket.socket(family, kind, protocol)
        begun.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun.setblocking(False)
        begun.connect_ex(address)
        return begun

    def _tunnel(self) -> socket.socket:
        proxy = self._proxy
        if proxy is None:
            raise OSError("no proxy")
        peer = socket.create_connection((proxy.hostname or "", proxy.port or 80), timeout=CONNECT)
        target = f"{self._place.host}:{self._place.port}"
        who = ""
        if proxy.username:
            pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
            who = f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"
        peer.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{who}\r\n".encode())
        told = b""
        while b"\r\n\r\n" not in told:
            block = peer.recv(1)  # not a byte of what comes after it
            told += block
            if not block:
                break
        if told[9:12] != b"200":
            peer.close()
            raise OSError("the proxy refused")
        return peer


def _trusting(known: Any) -> ssl.SSLContext:
    """As botocore does: the bundle of AWS_CA_BUNDLE or of the profile, else the one it comes with."""
    named = known._session.get_config_variable("ca_bundle")
    return ssl.create_default_context(cafile=named or library("botocore.httpsession").get_cert_path(True))
