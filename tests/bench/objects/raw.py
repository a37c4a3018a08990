"""What the client can do at most: so many copies, and nothing else. URL BUCKET COPIES."""

from __future__ import annotations

import sys

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.bucket import Bucket
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Copy
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run


def main(url: str, name: str, copies: str) -> None:
    who = dict.fromkeys(("profile", "access_key", "secret_key", "session_token"))
    bucket = Bucket(name, {**who, "region": "us-east-1", "endpoint_url": url}, Run())
    made = sum(not one.failures for one in bucket.carry_out(Copy(f"k{number:08}", "v") for number in range(int(copies))))
    assert made == int(copies)


main(*sys.argv[1:])
