# SPDX-License-Identifier: GPL-3.0-or-later
"""One bucket with versions: listed, and changed by thousands of calls a second.

botocore needs 1 to 1.6 ms of processor time a call, so S3 is never the bottleneck. Here botocore does what is rare (it finds the
credentials, the region, the address, and makes every call but those of C(calls)), and the rest is one thread with many connections.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Call, Outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.carrying import Carrier
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.dialling import Dialler
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.listing import Marker
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.pace import Limits, Pace
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.paging import Pages
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.requests import PAGE, Requests
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.signing import Place, Signer
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

CONCURRENT = 64
"""Calls on their way at the same time, at most."""
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/s3/aws4_request")


class Bucket:
    """C(options) are those of C(aws.access). C(calls) counts the calls made below, repeats included, by S3's name for each.

    C(calls["repeated"]) of them were made again.
    """

    def __init__(
        self, name: str, options: Options, run: Run, concurrent: int = CONCURRENT, limits: Limits | None = None, page: int = PAGE
    ) -> None:
        self.name, self.page = name, page
        self.limits = limits or Limits()
        self.aws = Aws("s3", options, run)
        """For the rare calls: C(aws.get("HeadObject", Bucket=…)), C(aws.send("UploadPartCopy", …)); it records what changes something."""
        self.calls: Counter[str] = Counter()
        self.pace = Pace(concurrent)

    @cached_property
    def versioning(self) -> dict[str, Any]:
        """The answer to GetBucketVersioning. Where it came from is where all other calls go; errors as of C(Aws.get)."""
        return self._first[0]

    @property
    def region(self) -> str:
        """Where the bucket is, which may be elsewhere than was asked for."""
        return self._first[1].region

    def versions(self, prefix: str = "", after: Marker | None = None) -> Iterator[Version]:
        """All versions and markers: keys in order, of each key the newest first. Pages are asked for ahead; memory stays flat.

        C(after) is a key and a version of it (or None: the whole key is left out) to go on behind. Unreadable for a page that is
        not whole: the list never just ends early.
        """
        return Pages(self._way, self.calls, self.limits, prefix, after).versions()

    def carry_out(self, calls: Iterable[Call | None]) -> Iterator[Outcome]:
        """The outcomes, in the order in which they end. Calls are taken one by one as there is room for them, never all at once.

        None among C(calls) means that there is none until the outcome of another has been seen. A call that one key is to blame for
        ends with failures; an error is raised, once all calls under way have ended, where no call can succeed: nobody knows the
        identity, its session has ended, there is no such bucket, nothing answers. What is slowed down, broken off or met by an error
        of the server is repeated, later and with fewer calls at a time. Nothing is written to the journal: say C(run.record("call", …))
        once before. Do not leave it half-way: what is under way then may still be done.
        """
        dialler, requests, signer = self._way
        return Carrier(dialler, requests, signer, self.pace, self.calls, self.limits).run(calls)

    @cached_property
    def _way(self) -> tuple[Dialler, Requests, Signer]:
        place = self._first[1]
        signer = Signer(place, self._who)
        dialler = Dialler(place, self.aws.session)
        return dialler, Requests(self.name, place, signer, self.page, dialler.absolute), signer

    @cached_property
    def _first(self) -> tuple[dict[str, Any], Place]:
        sent: list[Any] = []
        events = self.aws.reading.meta.events
        events.register("before-send.s3.GetBucketVersioning", lambda request, **_more: sent.append(request), unique_id="lastgood-place")
        try:
            return self.aws.get("GetBucketVersioning", Bucket=self.name), _place(sent[-1])
        finally:
            events.unregister("before-send.s3.GetBucketVersioning", unique_id="lastgood-place")

    def _who(self) -> Any:
        with understood("", "the credentials"):
            return self.aws.session.get_credentials().get_frozen_credentials()


def _place(request: Any) -> Place:
    """Where botocore has sent a request about the bucket, for which it knows redirects, path style, FIPS and dual stack."""
    url = urlsplit(request.url)
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 80)
    authorization = request.headers["Authorization"]
    scope = _SCOPE.search(authorization.decode() if isinstance(authorization, bytes) else authorization)
    if scope is None or not url.hostname:
        raise errors.Refused("botocore signs requests to this bucket in a way that is not known here", "Name the bucket itself.")
    authority = url.hostname if url.port in (None, 443 if secure else 80) else f"{url.hostname}:{port}"
    return Place(secure, url.hostname, port, authority, url.path.rstrip("/"), scope[1])
