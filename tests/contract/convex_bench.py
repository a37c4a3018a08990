"""The same bench for Convex: what is deployed comes from the sandbox's repository, with its stand-in for the vendor's program."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import convex_release

from sandbox.testing import ROOT, Box
from tests.contract.bench import Bench
from tests.contract.vendors import Vendor

KEY = "sandbox-convex-key"
VENDOR = Vendor(
    name="convex",
    module=convex_release,
    options=lambda box: {
        "deployment": "bookings",
        "api_url": box.vendor_url("convex"),
        "admin_key": KEY,
        "repository": f"file://{box.state_dir}/bookings.git",
        "install": "",
        "command": shlex.join([sys.executable, str(ROOT / "sandbox" / "convex" / "deploy.py")]),
    },
    secret="admin_key",
    place="deployment",
    target="bookings",
    address="bookings",
    holds=False,
)


class ConvexBench(Bench):
    """Artifacts are trees; what serves is read from the code that was pushed."""

    def __init__(self, box: Box) -> None:
        super().__init__(VENDOR, box)

    def tree(self, commit: str) -> str:
        command = ["git", "-C", str(self.box.state_dir / "bookings.git"), "rev-parse", f"{commit}^{{tree}}"]
        return "tree:" + subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout.strip()

    def ship(self, kind: str = "good") -> dict[str, Any]:
        shipped = super().ship(kind)
        return {**shipped, "id": shipped["commit"], "commit": self.tree(shipped["commit"])}

    def served(self) -> str:
        return self.tree(super().served())

    def serving(self) -> str:
        """The commit that serves."""
        return super().served()
