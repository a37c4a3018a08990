# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of a list of versions, one after the other: each is asked for before the one before it is worked on."""
from __future__ import annotations

import selectors
import time
from collections import Counter
from collections.abc import Iterator

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import translated
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import answers
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.connection import Answer, Broken, Connection
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.dialling import Dialler
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.listing import Marker, Page, read_page
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.pace import Limits, pause
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.requests import Requests
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.signing import Signer
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version

NAME = "ListObjectVersions"
_NETWORK = "Check region and endpoint_url and the way there; look at AWS's status page; then run the same command again."


class Pages:
    """Below one prefix. Calls are counted as C(Carrier) counts them."""

    def __init__(
        self, way: tuple[Dialler, Requests, Signer], counted: Counter[str], limits: Limits, prefix: str, marker: Marker | None
    ) -> None:
        self._dialler, self._requests, self._signer = way
        self._counted, self._limits, self._prefix, self._marker = counted, limits, prefix, marker
        self._connection: Connection | None = None

    def versions(self) -> Iterator[Version]:
        """See C(Bucket.versions)."""
        try:
            self._ask()
            while True:
                page = self._page()
                if page.marker is not None:
                    if page.marker == self._marker:
                        raise errors.Unreadable("a page of the list of versions is followed by itself", "Report it with the server's name.")
                    self._marker = page.marker
                    self._ask()
                yield from page.versions
                if page.marker is None:
                    return
        finally:
            self._hang_up()

    def _ask(self) -> None:
        """Send the request, and do not wait. What goes wrong with that shows when the answer is fetched."""
        self._counted[NAME] += 1
        try:
            if self._connection is None or not self._connection.reusable:
                self._hang_up()
                self._connection = self._dialler.dial()
            self._connection.start(self._requests.page(self._prefix, self._marker))
        except Broken:
            self._hang_up()

    def _page(self) -> Page:
        began = time.monotonic()
        number = 0
        while True:
            number += 1
            try:
                answer = self._fetch()
            except Broken as reason:
                self._hang_up()
                if number >= self._limits.attempts:
                    raise errors.Unavailable(f"S3 does not answer {NAME}: {reason}", _NETWORK) from None
            else:
                if answer.status == 200 and b"<Error>" not in answer.body[:200]:
                    return read_page(answer.body)
                code, message = answers.said(answer)
                if not self._may_repeat(code, number, began):
                    told = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": answer.status}}
                    raise translated("s3", NAME, told)
            self._counted["repeated"] += 1
            time.sleep(pause(number))
            self._ask()

    def _may_repeat(self, code: str, number: int, began: float) -> bool:
        if code in answers.RENEWABLE and number == 1:
            self._signer.forget()
            return True
        if code in answers.BUSY:
            return time.monotonic() - began < self._limits.patience
        return code in answers.PASSING and number < self._limits.attempts

    def _fetch(self) -> Answer:
        until = time.monotonic() + self._limits.longest
        while (connection := self._connection) is not None:
            with selectors.DefaultSelector() as selector:
                selector.register(connection, connection.wants)
                if not selector.select(self._limits.wait(connection.up)) or time.monotonic() > until:
                    raise Broken("no answer in time")
            answer = connection.advance()
            if answer is not None:
                return answer
        raise Broken("it cannot be reached")

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
