# SPDX-License-Identifier: GPL-3.0-or-later
"""A session with a mail server that is over in time, and whose failures say whether the mail can have gone out."""
from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from ansible_collections.lastgood.recovery.plugins.module_utils.api import SOON
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import NotTold
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.trying import SECONDS


@dataclass(frozen=True)
class Server:
    """How a mail server is reached."""

    host: str
    port: int
    security: str
    ca_file: str | None
    username: str | None
    password: str | None = field(repr=False)
    domain: str
    """What it is greeted with: the sender's, because the machine's own name may take a while to find out."""


class Envelopes:
    """One mail after another in the same session."""

    def __init__(self, smtp: smtplib.SMTP, until: float) -> None:
        self._smtp, self._until = smtp, until

    def send(self, sender: str, addresses: list[str], content: bytes) -> None:
        """NotTold unless it was accepted; for good when it may have been and nobody can tell.

        That some addresses are refused does not keep the others from getting it.
        """
        self.hurry()
        self._smtp.rset()
        code = self._smtp.mail(sender)[0]
        if code != 250:
            raise NotTold(f"the mail server refused the sender ({code})", again=code < 500)
        answers = []
        for address in addresses:
            self.hurry()
            answers.append(self._smtp.rcpt(address)[0])
        if not any(200 <= code < 300 for code in answers):
            raise NotTold(f"the mail server refused every recipient ({min(answers)})", again=min(answers) < 500)
        self.hurry()
        try:
            code = self._smtp.data(content)[0]
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
        except (smtplib.SMTPException, OSError):
            raise NotTold("the mail server did not say whether it accepted the mail, so it is not sent again", again=False) from None
        if code != 250:
            raise NotTold(f"the mail server refused the mail ({code})", again=code < 500)

    def hurry(self) -> None:
        """Let the next answer take the time that is left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self._smtp.sock:
            self._smtp.sock.settimeout(left)


@contextmanager
def session(server: Server) -> Iterator[Envelopes]:
    """Connected, encrypted and logged in."""
    until = time.monotonic() + SECONDS
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _connected(server)
        envelopes = Envelopes(smtp, until)
        envelopes.hurry()
        if server.security == "starttls":
            smtp.starttls(context=_context(server))
            smtp.ehlo()
        if server.username:
            envelopes.hurry()
            smtp.login(server.username, server.password or "")
        yield envelopes
    except smtplib.SMTPAuthenticationError as error:
        raise NotTold(
            f"the mail server does not know the login ({error.smtp_code}). Check username and password (SMTP_PASSWORD).", again=False
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise NotTold(f"the mail server cannot do that. Check security ({server.security}), port and username.", again=False) from None
    except ssl.SSLError:
        raise NotTold("the mail server's TLS connection cannot be trusted. Check host, security and ca_file.", again=False) from None
    except TimeoutError:
        raise NotTold("the mail server did not answer in time") from None
    except smtplib.SMTPResponseException as error:
        raise NotTold(f"the mail server answered {error.smtp_code}", again=error.smtp_code < 500) from None
    except (smtplib.SMTPException, OSError):
        raise NotTold("the mail server cannot be reached, or hung up") from None
    finally:
        if smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                if smtp.sock:
                    smtp.sock.settimeout(0.2)
                smtp.quit()
            smtp.close()


def _connected(server: Server) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, server.domain, timeout=SOON, context=_context(server))
    return smtplib.SMTP(server.host, server.port, server.domain, timeout=SOON)


def _context(server: Server) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file)
