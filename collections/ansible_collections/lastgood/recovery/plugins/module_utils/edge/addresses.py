# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of a site, and asking one of them for it as if its name led there alone."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.smoke.answer import new_session

if TYPE_CHECKING:
    import requests
else:
    requests = library("requests")
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, order=True)
class Address:
    """One IP address and port."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


def addresses_of(url: str, given: Iterable[str]) -> list[Address]:
    """Where to ask: what is given, or else all that the name leads to that this machine has a way to. Empty when nothing is known."""
    site = urlsplit(url)
    port = site.port or PORTS[site.scheme]
    named = [_split(one, port) for one in given]
    if named:
        return list(dict.fromkeys(address for host, port in named for address in _resolved(host, port)))
    # Names of edges have IPv6 addresses as well, and many machines have no way to those: that says nothing about the edge.
    return [address for address in _resolved(site.hostname or "", port) if _reachable(address)]


def session_to(address: Address) -> Any:
    """A session of requests whose every connection goes to that address; name, certificate and Host header stay those of the URL."""

    class Pinned(requests.adapters.HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            parts = urlsplit(str(request.url))
            if parts.scheme == "https":
                self.poolmanager.connection_pool_kw.update(server_hostname=parts.hostname, assert_hostname=parts.hostname)
            request.headers.setdefault("Host", parts.netloc)
            request.url = parts._replace(netloc=str(address)).geturl()
            return super().send(request, *args, **kwargs)

    session = new_session()
    for scheme in PORTS:
        session.mount(f"{scheme}://", Pinned())
    return session


def _split(written: str, port: int) -> tuple[str, int]:
    """C(203.0.113.7), C(203.0.113.7:8443), C([2001:db8::7]:443), C(2001:db8::7), or a name instead of the number."""
    try:
        return (str(ipaddress.ip_address(written)), port)
    except ValueError:
        pass
    try:
        parts = urlsplit(f"//{written}")
        host, own = parts.hostname, parts.port
    except ValueError:
        host, own = None, None
    if not host or parts.path or parts.query:
        raise Refused(f"'{written}' is not an address", "Write an IP address or a name, with a port behind a colon where it is another.")
    return (host, own or port)


def _resolved(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(Address(str(where[0]), port) for *_kind, where in found))


def _reachable(address: Address) -> bool:
    """Whether there is a route to it; nothing is sent."""
    family = socket.AF_INET6 if ":" in address.ip else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address.ip, address.port))
    except OSError:
        return False
    return True
