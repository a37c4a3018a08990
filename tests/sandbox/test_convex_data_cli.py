"""Data moved by the vendor's own program, an old and a new version, between the module and the emulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.modules import convex_data

from sandbox.testing import Box
from tests.contract.bench import printed_by
from tests.vendor_clients import Unavailable, modules


@pytest.mark.parametrize("package", ["convex@1.31.0", "convex@1.48.0"])
def test_exported_and_put_back(box: Box, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        program = modules(package) / ".bin" / "convex"
    except Unavailable as reason:
        pytest.skip(str(reason))
    monkeypatch.setenv("HOME", str(tmp_path))
    reached = {"deployment": "bookings", "api_url": box.vendor_url("convex"), "admin_key": "sandbox-convex-key"}
    options: dict[str, Any] = {**reached, "destination": str(tmp_path / "exports"), "command": str(program), "timeout": 120}
    good = box.state()["convex"]["deployment"]["tables"]
    made = printed_by(convex_data.main, **options)
    assert made["changed"], made
    box.control("documents", tables={"bookings": good["bookings"][:1], "junk": [{"_id": "j1", "_creationTime": 1.0}]})

    done = printed_by(convex_data.main, **options, source=made["export"])

    assert done["changed"], done
    assert box.state()["convex"]["deployment"]["tables"] == good
    assert done["loss"]["documents"]["junk"] == {"lost": 1, "changed_back": 0, "come_back": 0}
    wrong = printed_by(convex_data.main, **{**options, "api_url": f"{options['api_url']}/nowhere"})
    assert wrong["failed"]
