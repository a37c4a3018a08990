# SPDX-License-Identifier: GPL-3.0-or-later
"""Neon: a branch gets another past and keeps its address; all of its databases go back together."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.neon.access import OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.neon.database import NeonBranch
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(name="neon", place="project/branch", options=OPTIONS, parts={"database": NeonBranch})
