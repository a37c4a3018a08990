"""A page shows a release when it names it, and not one whose name only begins like it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.outside import shows
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release

COMMIT = "9b1d5f3e7a2c4e6f8091a3b5c7d9e1f2a4b6c8d0"
EDGE = Release("headers:1", "Qm3rT0aXw5bL= 5e1f09ab", datetime(2026, 1, 1, tzinfo=UTC), None, good=True)


@pytest.mark.parametrize(
    ("artifact", "text", "shown"),
    [
        (EDGE.artifact, "headers:1", True),
        (EDGE.artifact, "text/html\nheaders:1\nHit from cloudfront", True),
        (EDGE.artifact, "headers:12", False),
        (EDGE.artifact, "headers:1-canary", False),
        (COMMIT, COMMIT, True),
        (COMMIT, f'{{"commit": "{COMMIT[:7]}"}}', True),
        (COMMIT, "headers:1", False),
    ],
)
def test_a_release_is_named(artifact: str, text: str, shown: bool) -> None:
    assert shows(text, replace(EDGE, artifact=artifact)) is shown
