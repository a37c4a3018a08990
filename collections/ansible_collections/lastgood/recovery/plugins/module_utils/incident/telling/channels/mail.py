# SPDX-License-Identifier: GPL-3.0-or-later
"""E-mail through the team's own mail server: to users by hidden copies or through a list, to stakeholders openly."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message, NotTold, Told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import options as given
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.smtp_session import Server, session

OPTIONS: given.Specification = {
    "host": {"type": "str", "required": True, "fallback": (env_fallback, ["SMTP_HOST"])},
    "port": {"type": "int"},
    "security": {"type": "str", "choices": ["starttls", "tls", "none"], "default": "starttls"},
    "ca_file": {"type": "path"},
    "username": {"type": "str", "fallback": (env_fallback, ["SMTP_USERNAME"])},
    "password": {"type": "str", "no_log": True, "fallback": (env_fallback, ["SMTP_PASSWORD"])},
    "sender": {"type": "str", "required": True},
    "to": {"type": "list", "elements": "str", "default": []},
    "bcc": {"type": "list", "elements": "str", "default": []},
    "batch": {"type": "int", "default": 50},
}
SEVEN_BITS = policy.SMTP.clone(cte_type="7bit")
"""Not every server takes more."""
PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Mail:
    """Mail servers keep no record that could be asked, so nothing is sent twice whose acceptance is in doubt."""

    recognises = False

    def __init__(self, options: Mapping[str, Any]) -> None:
        read = given.read("email", OPTIONS, options)
        self.name, self._options = read["name"], read
        if not read["to"] and not read["bcc"]:
            raise Refused(f"channel {self.name} (email): nobody would get it", "Give addresses in to, or in bcc.")
        port, security = read["port"] or PORTS[read["security"]], read["security"]
        self._sender = parseaddr(read["sender"])[1]
        self._domain = self._sender.rpartition("@")[2] or "localhost"
        self._server = Server(read["host"], port, security, read["ca_file"], read["username"], read["password"], self._domain)

    def tell(self, message: Message, memory: Mapping[str, Any]) -> Told:
        if words.late(message, memory):
            return Told(memory)
        done, problems = list(memory.get("told", [])), []
        mails = {self._id(message, str(number)): batch for number, batch in enumerate(self._batches())}
        waiting = {id: batch for id, batch in mails.items() if id not in done}
        if waiting:
            problems = self._send(message, waiting, done)
        remembered = {"told": done, "over": words.ends(message)}
        if problems:
            raise NotTold(f"{self.name}: {problems[0]}", again=not set(mails) <= set(done), memory=remembered)
        return Told(remembered)

    def _send(self, message: Message, waiting: dict[str, list[str]], done: list[str]) -> list[str]:
        """What went wrong; each batch that must not be tried again is added to C(done)."""
        problems: list[str] = []
        try:
            with session(self._server) as envelopes:
                for id, batch in waiting.items():
                    try:
                        envelopes.send(self._sender, batch, self._content(message, id).as_bytes())
                    except NotTold as problem:
                        problems.append(problem.message)
                        if problem.again:
                            continue
                    done.append(id)
        except NotTold as problem:
            if not problem.again:
                raise NotTold(f"{self.name}: {problem.message}", again=False, memory={"told": done}) from None
            problems.append(problem.message)
        return problems

    def _batches(self) -> list[list[str]]:
        """Envelopes: the addresses that everybody sees go with the first."""
        to, bcc, size = self._options["to"], self._options["bcc"], max(1, self._options["batch"])
        hidden = [bcc[at : at + size] for at in range(0, len(bcc), size)]
        return [[parseaddr(address)[1] for address in batch] for batch in ([to] if to else []) + hidden]

    def _content(self, message: Message, id: str) -> EmailMessage:
        mail = EmailMessage(SEVEN_BITS)
        mail["From"], mail["To"] = self._options["sender"], ", ".join(self._options["to"]) or "undisclosed-recipients:;"
        mail["Subject"], mail["Date"] = words.headline(message), format_datetime(datetime.now(UTC))
        mail["Message-ID"], mail["References"] = id, self._thread(message)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(words.text(message))
        return mail

    def _id(self, message: Message, part: str) -> str:
        """The same whenever the same is sent, so that a mail server or a mailbox knows it again."""
        told = "/".join((self.name, words.mark(message), words.key(message), part))
        return f"<{sha256(told.encode()).hexdigest()[:32]}@{self._domain}>"

    def _thread(self, message: Message) -> str:
        """What all mails of an incident refer to, so that mailboxes show them together."""
        return f"<{sha256(f'{self.name}/{words.mark(message)}'.encode()).hexdigest()[:32]}@{self._domain}>"
