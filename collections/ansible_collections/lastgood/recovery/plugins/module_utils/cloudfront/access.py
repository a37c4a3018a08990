# SPDX-License-Identifier: GPL-3.0-or-later
"""How a distribution is reached. CloudFront has no region; what belongs to it elsewhere in AWS lives in one."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import OPTIONS as AWS
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.service import Aws
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

HOME = "us-east-1"
"""The region of the functions, certificates, firewalls and records that belong to distributions."""

OPTIONS: dict[str, Any] = {
    **AWS,
    "distribution": {"type": "str", "required": True, "aliases": ["distribution_id"]},
}


def at_home(service: str, options: Options, run: Run, beside: Aws | None = None) -> Aws:
    """That service of AWS where CloudFront has its own things, whatever the region of everything else; asked by who asks C(beside)."""
    aws = Aws(service, {**options, "region": HOME}, run)
    if beside:
        aws.session = beside.session
    return aws
