# SPDX-License-Identifier: GPL-3.0-or-later
"""Any of the services that Apprise knows (Discord, Teams, Matrix, ntfy, Telegram, Opsgenie, SMS gateways …), by its URL."""
from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.api import SOON
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message, NotTold, Told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import options as given
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.trying import SECONDS, attempt
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.side_by_side import at_once

if TYPE_CHECKING:
    import apprise
else:
    apprise = library("apprise")

OPTIONS: given.Specification = {
    "url": {"type": "str", "required": True, "no_log": True},
}
NOT_SENT = re.compile(r"refused|NewConnectionError|ConnectTimeout|NameResolution|getaddrinfo|CERTIFICATE", re.IGNORECASE)
"""In what Apprise notes of a failed connection: the message has not left this machine."""


class AppriseUrl:
    """Apprise says of a failure only that it is one, so nothing is sent twice unless what it notes shows that it was not taken."""

    recognises = False

    def __init__(self, options: Mapping[str, Any]) -> None:
        read = given.read("apprise", OPTIONS, options)
        self.name, self._url = read["name"], read["url"]

    def tell(self, message: Message, memory: Mapping[str, Any]) -> Told:
        told = list(memory.get("told", []))
        if words.key(message) in told or words.late(message, memory):
            return Told(memory)
        with attempt(self.name, [self._url]):
            service = self._service()
        notes: list[str] = []

        def send() -> bool:
            _NOTES.here.notes = notes
            return bool(service.notify(title=words.headline(message), body=words.text(message)))

        if at_once({"sent": send}, time.monotonic() + SECONDS)["sent"] is not True:
            raise self._not_told("\n".join(notes))
        return Told({"told": [*told, words.key(message)], "over": words.ends(message)})

    def _service(self) -> Any:
        found = apprise.Apprise.instantiate(self._url)
        if found is None:
            raise Refused("Apprise does not know this url", "Check it against https://appriseit.com/services/.")
        found.socket_connect_timeout, found.socket_read_timeout, found.redirects = SOON, SECONDS - SOON, False
        return found

    def _not_told(self, notes: str) -> NotTold:
        status = re.search(r"error=(\d{3})", notes)
        if status and status[1] in ("429", "502", "503", "504"):
            return NotTold(f"{self.name}: the service answered {status[1]}")
        if status:
            return NotTold(f"{self.name}: the service answered {status[1]}. Check url.", again=int(status[1]) >= 500)
        if NOT_SENT.search(notes):
            return NotTold(f"{self.name}: the service cannot be reached")
        return NotTold(f"{self.name}: whether the service took it nobody can tell, so it is not sent again", again=False)


class _Notes(logging.Handler):
    """What Apprise notes in a thread. It goes nowhere else: it may quote the address, which holds the token."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.here = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        getattr(self.here, "notes", []).append(record.getMessage())


_NOTES = _Notes()
_LOGGER = logging.getLogger("apprise")
_LOGGER.addHandler(_NOTES)
_LOGGER.setLevel(logging.DEBUG)
_LOGGER.propagate = False
