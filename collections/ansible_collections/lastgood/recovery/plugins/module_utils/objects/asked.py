# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task of C(s3_objects) asks for, of which bucket, by which rules."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.objects import preflight, telling
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.checkpoint import Copies
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.cut import until
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.plan import Rules, Step, Unsettled
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.planning import Planning
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import within_reach
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import wait

ATTEMPTS = 4
"""How often a list is read that is not in order."""
UNSETTLED = 0.5
"""Seconds until the list is read again."""
T = TypeVar("T")


class Asked:
    """What is asked for, and what has come of it."""

    def __init__(self, options: Options, run: Run) -> None:
        self.options, self.run = options, run
        self.until = until(options)
        within_reach("s3", options["bucket"], options["reach"])
        self.bucket = Bucket(options["bucket"], options, run)
        self.below = options["key"] if options["key"] is not None else options["prefix"]
        self.setting = preflight.looked_at(self.bucket, self.below)
        preflight.allowed(self.setting, self.until, options)
        endpoint = self.bucket.aws.reading.meta.endpoint_url
        self.directory = Path(options["state_dir"]).expanduser()
        self.place = short([endpoint, options["bucket"]])
        asked = {name: options[name] for name in ("bucket", "prefix", "key", "method", "created_after", "deleted")}
        self.about = {**asked, "endpoint": endpoint, "until": moment.iso(self.until), "removes": self.setting.removes}
        self.copies = Copies(self.directory, self.place)
        self.told = telling.Told(self.setting.notes)
        self.rules = Rules(
            until=self.until,
            rewind=options["method"] == "rewind",
            removes=self.setting.removes,
            keep_created=options["created_after"] == "keep",
            keep_markers=options["deleted"] == "copy",
            opaque=self.setting.opaque,
        )

    def settled(self, plan: Callable[[], T]) -> T:
        """What C(plan) returns, which is called again while the list is not in order."""
        for _attempt in range(ATTEMPTS - 1):
            try:
                return plan()
            except Unsettled as reason:
                wait(UNSETTLED, reason.message, self.run.tell)
        return plan()

    def planned(self, add: Callable[[Step], None], again: bool) -> Planning:
        """The plan of the bucket as it is now; every step goes to C(add)."""
        planning = Planning(self.bucket, self.rules, self.copies, self.setting.acls, self.run.tell, glance=again)
        versions = self.bucket.versions(self.below)
        if self.options["key"] is not None:
            versions = takewhile(lambda version: version.key == self.below, versions)
        planning.run(versions, add)
        return planning


def short(about: Any) -> str:
    """A name for a file."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
