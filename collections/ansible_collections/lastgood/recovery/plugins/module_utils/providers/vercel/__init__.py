# SPDX-License-Identifier: GPL-3.0-or-later
"""Vercel: a rollback moves a pointer and pins the project; promoting, or unpausing, un-pins it."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.access import OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.cache import VercelCache
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.logs import VercelLogs
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.project import OPTIONS as PROJECT_OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.project import VercelProject
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.releases import Vercel
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.rolling_release import Rolling
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel.variables import VercelVariables
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(
    name="vercel",
    place="project",
    options=OPTIONS,
    parts={
        "releases": Vercel,
        "variables": VercelVariables,
        "service": VercelProject,
        "cache": VercelCache,
        "logs": VercelLogs,
        "rolling_release": Rolling,
    },
    also={"service": PROJECT_OPTIONS},
)
