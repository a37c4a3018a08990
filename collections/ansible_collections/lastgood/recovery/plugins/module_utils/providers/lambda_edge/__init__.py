# SPDX-License-Identifier: GPL-3.0-or-later
"""Lambda@Edge: a behaviour of a distribution names a numbered version, and going back is naming another one."""
from __future__ import annotations

from dataclasses import replace

from ansible_collections.lastgood.recovery.plugins.module_utils import rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.lambda_edge.access import ALSO, OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.lambda_edge.cache import EdgeCache
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.lambda_edge.releases import LambdaEdge
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(
    name="lambda_edge",
    place="distribution",
    options=OPTIONS,
    parts={"releases": LambdaEdge, "cache": EdgeCache},
    also=ALSO,
)
PATIENCE = {"timeout": {"type": "float", "default": 3600}, "poll": {"type": "float", "default": 10}}
"""Minutes are usual until every edge has a configuration, and most of an hour has been seen."""


def operation() -> Operation:
    """The release module, with CloudFront's patience."""
    usual = rollback.operation(VENDOR)
    return replace(usual, arguments={**usual.arguments, **PATIENCE})
