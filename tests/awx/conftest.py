from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sandbox.awx import token
from sandbox.awx.rows import USERS
from sandbox.testing import running
from tests.awx.driving import Tower


@pytest.fixture(scope="session", params=["emulated", "real"])
def tower(request: pytest.FixtureRequest) -> Iterator[Tower]:
    """The sandbox's AWX, and the one that LASTGOOD_AWX and LASTGOOD_AWX_HOME name."""
    if request.param == "emulated":
        with running(postgres=False) as box:
            yield Tower(box.vendor_url("awx"), {name: token(name) for name in USERS})
        return
    if not os.environ.get("LASTGOOD_AWX"):
        pytest.skip("LASTGOOD_AWX names no AWX: tests/awx/README.md says how one is started")
    from tests.awx.real import furnished

    yield furnished(os.environ["LASTGOOD_AWX"])
