"""Random histories on a real S3 server, taken back to random moments: the bucket shows what the oracle remembers, in every respect.

LASTGOOD_S3_HISTORIES says how many; 200 otherwise.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment

from tests.objects.histories import History, played, visible
from tests.objects.restored import restore, writes
from tests.seaweedfs import SeaweedFS

COUNT = int(os.environ.get("LASTGOOD_S3_HISTORIES", "200"))
TOGETHER = 25
"""Histories below one prefix, which is taken back as a whole."""
ROUNDS = 6

pytestmark = pytest.mark.once


def test_any_history_at_any_moment(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    chance = random.Random(os.environ.get("LASTGOOD_S3_SEED", "1"))
    client = seaweedfs.client()
    client.create_bucket(Bucket="histories")
    client.put_bucket_versioning(Bucket="histories", VersioningConfiguration={"Status": "Enabled"})
    prefixes = [f"g{number:03}/" for number in range(-(-COUNT // TOGETHER))]
    groups = {prefix: [History(f"{prefix}h{number}/", chance.randrange(10**9)) for number in range(TOGETHER)] for prefix in prefixes}
    ends = played(client, "histories", [history for group in groups.values() for history in group], ROUNDS)

    for number, (prefix, group) in enumerate(groups.items()):
        method = "rewind" if number % 3 == 2 else "copy"
        first = chance.randrange(ROUNDS - 1)
        then = chance.randrange(first + 1) if method == "rewind" else chance.randrange(ROUNDS)
        for back in (first, then):
            expected = {key: shown for history in group for key, shown in history.at(back).items()}
            # The same moment in both words: within the last second of the round, before the next one.
            wish = {"good_at": ends[back]} if chance.random() < 0.5 else {"bad_at": moment.iso(ends[back] + timedelta(seconds=1))}
            asked: dict[str, Any] = {**wish, "prefix": prefix, "method": method}
            planned = restore(seaweedfs.options, "histories", tmp_path, check=True, **asked)
            done = restore(seaweedfs.options, "histories", tmp_path, **asked)
            assert not done.get("failed"), done
            assert (planned["counts"], planned["bytes"], planned["changed"], planned["diff"]) == (
                done["counts"],
                done["bytes"],
                done["changed"],
                done["diff"],
            )
            assert visible(client, "histories", prefix) == expected, (prefix, back, wish)
            again = restore(seaweedfs.options, "histories", tmp_path, **asked)
            assert (again["changed"], writes(again)) == (False, 0), again
            for history in group:
                history.restored(back, method == "rewind")
