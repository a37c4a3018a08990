"""C(s3_objects) as a module runs it, against a server of the tests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.operation import S3_OBJECTS
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome

WRITES = ("CopyObject", "DeleteObjects", "DeleteObject", "UploadPartCopy")


def restore(server: dict[str, str], bucket: str, state: Path, check: bool = False, **options: Any) -> dict[str, Any]:
    """The result. C(server) are the options that reach it; C(good_at) may be a datetime."""
    asked: dict[str, Any] = {**server, "bucket": bucket, "state_dir": str(state), **options}
    if isinstance(asked.get("good_at"), datetime):
        asked["good_at"] = moment.iso(asked["good_at"])
    checked = ArgumentSpecValidator(S3_OBJECTS.arguments, **S3_OBJECTS.rules).validate(asked)
    assert not checked.error_messages, checked.error_messages
    told: list[str] = []
    return outcome(S3_OBJECTS, checked.validated_parameters, Run(check=check, tell=told.append)) | {"told": told}


def writes(result: dict[str, Any]) -> int:
    """How many calls changed something."""
    return sum(result["calls"].get(name, 0) for name in WRITES)
