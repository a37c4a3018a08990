# SPDX-License-Identifier: GPL-3.0-or-later
"""Amazon CloudFront: a configuration is replaced as a whole, and reaches the edges within minutes."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.access import OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Distribution
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.invalidation import Invalidations
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(
    name="cloudfront",
    place="distribution",
    options=OPTIONS,
    parts={"configuration": Distribution, "invalidation": Invalidations},
)
