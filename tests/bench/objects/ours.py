"""What C(s3_objects) does, without Ansible around it: URL BUCKET TIME copy|rewind|check verify|-. Prints its result."""

from __future__ import annotations

import json
import sys
import tempfile
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.operation import S3_OBJECTS
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome


def main(url: str, bucket: str, moment: str, method: str, verify: str) -> None:
    options: dict[str, Any] = {name: option.get("default") for name, option in S3_OBJECTS.arguments.items()}
    options |= {"endpoint_url": url, "bucket": bucket, "good_at": moment, "verify": verify == "verify", "region": "us-east-1"}
    options |= {"method": "copy" if method == "check" else method, "reach": {"s3": [bucket]}}
    with tempfile.TemporaryDirectory() as folder:
        result = outcome(S3_OBJECTS, options | {"state_dir": folder}, Run(check=method == "check"))
    if result.get("failed"):
        sys.exit(result["msg"])
    print(json.dumps(result.get("calls")))


main(*sys.argv[1:])
