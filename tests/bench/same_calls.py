"""The calls of the playbook without the playbook: its own functions, one target after the other. Usage: same_calls.py PORT TARGET..."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "collections")]

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator  # noqa: E402
from ansible_collections.lastgood.recovery.plugins.module_utils import rollback  # noqa: E402
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY  # noqa: E402
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Run  # noqa: E402

from tests.bench.bare_script import ADDRESSES, HOST  # noqa: E402


def target_options(port: int, target: str) -> dict[str, Any]:
    if target.startswith(("storefront", "backoffice")):
        place = {"project": target, "team": "team_lastgood", "token": "sandbox-vercel-token", "api_url": f"{HOST}:{port + 1}"}
        return {"provider": "vercel", "service": place}
    return {
        "provider": "render",
        "service": {"service": f"srv-{target}", "api_key": "sandbox-render-token", "api_url": f"{HOST}:{port + 2}/v1"},
    }


def perform(operation: Operation, **options: Any) -> None:
    checked = ArgumentSpecValidator(operation.arguments, **operation.rules).validate(options)
    assert not checked.error_messages, checked.error_messages
    operation.perform(checked.validated_parameters, Run())


def main(port: int, targets: list[str]) -> None:
    moment = datetime.now(UTC).isoformat()
    for target in targets:
        perform(rollback.reading(ANY), **target_options(port, target))
    for target in targets:
        urls = [f"{HOST}:{port + offset}/version" for offset in ADDRESSES.get(target, ())]
        perform(rollback.operation(ANY), **target_options(port, target), bad_at=moment, version_urls=urls)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
