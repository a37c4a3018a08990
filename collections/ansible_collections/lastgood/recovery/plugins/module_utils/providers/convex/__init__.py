# SPDX-License-Identifier: GPL-3.0-or-later
"""Convex: there is no rollback at the vendor; going back is deploying an older commit with the vendor's own program."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.access import OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.releases import ConvexReleases
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(name="convex", place="deployment", options=OPTIONS, parts={"releases": ConvexReleases})
