"""A vendor's release module on a sandbox, the way Ansible runs a module."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.common import warnings
from ansible.module_utils.testing import patch_module_args
from ansible_collections.lastgood.recovery.plugins.modules import release_info

from sandbox.testing import Box
from tests.contract.vendors import Vendor


def printed_by(main: Callable[[], None], check: bool = False, **options: Any) -> dict[str, Any]:
    """What a module prints for these options; None leaves one out."""
    arguments = {name: value for name, value in options.items() if value is not None}
    warnings._global_warnings.clear()  # a module is a process of its own, and these are the process's
    printed = io.StringIO()
    with patch_module_args({**arguments, "_ansible_check_mode": check}), redirect_stdout(printed), suppress(SystemExit):
        main()
    result: dict[str, Any] = json.loads(printed.getvalue())
    return {**result, "warnings": [warning["event"]["msg"] for warning in result.get("warnings", [])]}


@dataclass
class Bench:
    """One vendor on one sandbox; everything is asked through the real module and read back from the sandbox."""

    vendor: Vendor
    box: Box

    def run(self, check: bool = False, **options: Any) -> dict[str, Any]:
        """What the module prints for these options, on top of those that reach the sandbox; None leaves one out. Patience is short."""
        given = {"poll": 0.05, "timeout": 5, "version_timeout": 2, **self.vendor.options(self.box), **options}
        return printed_by(self.vendor.module.main, check, **given)

    def ship(self, kind: str = "good") -> dict[str, Any]:
        """Push a release of that kind."""
        return self.box.ship(self.vendor.target, kind)

    def served(self) -> str:
        """The commit that production serves."""
        return self.box.state()["serving"][self.vendor.address]["commit"]

    def frozen(self) -> dict[str, Any]:
        """All that the vendor remembers, to compare with later."""
        return self.box.state()[self.vendor.name]

    def releases(self) -> list[str]:
        """Ids of all releases the vendor has, as a module lists them."""
        seen = printed_by(release_info.main, provider=self.vendor.name, service=self.vendor.options(self.box))
        return [release["id"] for release in seen["releases"]]

    def limit_calls(self, limit: int, seconds: float) -> None:
        """Let the vendor accept so many calls of each kind in so many seconds."""
        self.box.control("rates", on=True)
        self.box.control("rates", bucket=self.vendor.name, limit=limit, seconds=seconds)

    @property
    def version_url(self) -> str:
        return f"{self.box.served_url(self.vendor.address)}/version"


def now() -> str:
    return datetime.now(UTC).isoformat()
