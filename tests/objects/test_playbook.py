"""s3_objects in a playbook: planned, done, done again as a module that is shipped; no secret in what is printed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import moment

from tests.objects.spoiled import Spoiled, spoiled
from tests.seaweedfs import KEYS, SeaweedFS

ROOT = Path(__file__).parents[2]


def played(seaweedfs: SeaweedFS, bucket: Spoiled, state: Path, *more: str, connection: str = "local") -> str:
    values = {"s3_url": seaweedfs.url, "s3_bucket": bucket.bucket, "s3_good_at": moment.iso(bucket.at), "s3_state": str(state)}
    values |= {"s3_access_key": KEYS["access_key"], "s3_secret_key": KEYS["secret_key"]}
    command = ["ansible-playbook", "-i", "localhost,", "-c", connection, "-vvvv", "tests/objects/play.yml", "-e", json.dumps(values), *more]
    environment = {**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml", "ANSIBLE_STDOUT_CALLBACK": "default", "ANSIBLE_NOCOLOR": "1"}
    environment["ANSIBLE_CONNECTION_PLUGINS"] = "tests/bench/connection"
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-3000:]
    return printed.replace(json.dumps(values), "")


@pytest.mark.once
def test_planned_done_and_done_again(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    bucket = spoiled(seaweedfs, 3, 3, 3, 3)
    planned = played(seaweedfs, bucket, tmp_path, "--check", "--diff")
    assert ("changed=1" in planned, bucket.holds() == bucket.good) == (True, False)
    assert "created/0000" in planned
    done = played(seaweedfs, bucket, tmp_path)
    assert ("changed=1" in done, bucket.holds() == bucket.good) == (True, True)
    again = played(seaweedfs, bucket, tmp_path, connection="elsewhere")
    assert "changed=0" in again
    for printed in (planned, done, again):
        assert KEYS["secret_key"] not in printed
