"""A flag module run the way Ansible runs a module."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from ansible.module_utils.common import warnings

from tests.contract.bench import printed_by


def ask(module: ModuleType, check: bool = False, **options: Any) -> dict[str, Any]:
    """What the module prints; None leaves an option out. Patience is short, and warnings are plain text."""
    warnings._global_warnings.clear()  # of the modules that this process ran before
    result = printed_by(module.main, check, **{"poll": 0.05, "timeout": 5, **options})
    return {**result, "warnings": list(warnings.get_warning_messages())}
