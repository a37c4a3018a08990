"""A real mail server that keeps what it is sent, and can be told to refuse, to hang and to hang up."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

LOGIN = ("shop", "sandbox-smtp-password")


@dataclass
class MailServer:
    """Also the handler of its own commands."""

    port: int = 0
    sent: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    """Recipients and mail."""
    answers: dict[str, str] = field(default_factory=dict)
    """To MAIL, RCPT (or RCPT of one address), DATA and the mail itself (END), in place of yes."""
    lost: int = 0
    """So many mails are accepted, and nobody is told."""
    hangs: str = ""
    """The command that is not answered."""

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        await self._hang("MAIL")
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.answers.get(address, self.answers.get("RCPT", "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await self._hang("END")
        answer = self.answers.get("END", "250 OK")
        if answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            self.sent.append((list(envelope.rcpt_tos), mail))
        if self.lost > 0:
            self.lost -= 1
            server.transport.abort()
        return answer

    async def _hang(self, command: str) -> None:
        if self.hangs == command:
            await asyncio.sleep(60)

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        fine = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == LOGIN
        return AuthResult(success=fine, handled=False)

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for _, mail in self.sent]


@contextmanager
def serving(pem: Path, security: str) -> Iterator[MailServer]:
    """It listens on loopback, with the certificate in that file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = MailServer()
    tls: dict[str, Any] = {"ssl_context": context} if security == "tls" else {"tls_context": context} if security == "starttls" else {}
    login: dict[str, Any] = {"authenticator": server.login, "auth_required": True, "auth_require_tls": security == "starttls"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server.port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **tls, **login)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
