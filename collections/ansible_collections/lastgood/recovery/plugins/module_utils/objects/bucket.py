# SPDX-License-Identifier: GPL-3.0-or-later
"""One bucket with versions: listed, and changed by thousands of calls a second.

botocore needs 1 to 1.6 ms of processor time a call, so S3 is never the bottleneck. Here botocore does what is rare (it finds the
credentials, the region, the address, and makes every call but those of C(calls)), and the rest is one thread with many connections.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Call, Outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

CONCURRENT = 64
"""Calls on their way at the same time, at most."""


class Bucket:
    """C(options) are those of C(aws.access). C(calls) counts every call made, repeats included, by S3's name for it."""

    def __init__(self, name: str, options: Options, run: Run, concurrent: int = CONCURRENT) -> None:
        self.name, self.concurrent = name, concurrent
        self.aws = Aws("s3", options, run)
        """For the rare calls: C(aws.get("HeadObject", Bucket=…)), C(aws.send("UploadPartCopy", …)); it records what changes something."""
        self.calls: Counter[str] = Counter()
        self.repeated = 0

    @cached_property
    def versioning(self) -> dict[str, Any]:
        """The answer to GetBucketVersioning. Where it came from is where all other calls go; errors as of C(Aws.get)."""
        raise NotImplementedError

    def versions(self, prefix: str = "", after: tuple[str, str | None] | None = None) -> Iterator[Version]:
        """All versions and markers: keys in order, of each key the newest first. Pages are fetched ahead; memory stays flat.

        C(after) is a key and a version of it (or None: the whole key is left out) to go on behind. Unreadable for a page that is
        not whole: the list never just ends early.
        """
        raise NotImplementedError

    def carry_out(self, calls: Iterable[Call | None]) -> Iterator[Outcome]:
        """The outcomes, in the order in which they end. Calls are taken one by one as there is room for them, never all at once.

        None among C(calls) means that there is none until the outcome of another has been seen. A call that one key is to blame for
        ends with failures; an error is raised, once all calls under way have ended, where no call can succeed: nobody knows the
        identity, its session has ended, there is no such bucket, nothing answers. What is slowed down, broken off or met by an error
        of the server is repeated, later and with fewer calls at a time. Nothing is written to the journal: say C(run.record("call", …))
        once before.
        """
        raise NotImplementedError
