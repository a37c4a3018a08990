"""AWS's SDK for JavaScript, which writes and reads XML with code of its own, on the sandbox's CloudFront."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.testing import Box
from tests.vendor_clients import Unavailable, modules

SCRIPT = Path(__file__).with_name("aws_sdk.mjs")
SDK = "@aws-sdk/client-cloudfront@3.1161.0"


def test_it_understands_and_is_understood(aws: Box) -> None:
    try:
        folder = modules(SDK)
    except Unavailable as reason:
        pytest.skip(str(reason))
    command = [shutil.which("node") or "node", str(SCRIPT), aws.aws_url, "E1RACHELFOODS1"]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "same": True,
        "etag": True,
        "modified": True,
        "invalidation": ["Completed", ["/assets/*", "/checkout"]],
        "listed": ["E1RACHELFOODS1"],
        "stale": "PreconditionFailed 412",
        "reference": "IllegalUpdate 400",
        "gone": "NoSuchDistribution 404",
    }
