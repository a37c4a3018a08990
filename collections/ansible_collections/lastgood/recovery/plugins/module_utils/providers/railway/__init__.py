# SPDX-License-Identifier: GPL-3.0-or-later
"""Railway: a rollback is a new deployment of an old image and its variables, and automatic deploys stay on."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.access import DATABASE_OPTIONS, OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.cache import OPTIONS as CACHE_OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.cache import RailwayCache
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.database import RailwayDatabase
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.logs import RailwayLogs
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.releases import Railway
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.service import OPTIONS as SERVICE_OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.service import RailwayService
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway.variables import RailwayVariables
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(
    name="railway",
    place="service",
    options=OPTIONS,
    parts={
        "releases": Railway,
        "variables": RailwayVariables,
        "service": RailwayService,
        "cache": RailwayCache,
        "logs": RailwayLogs,
    },
    also={"service": SERVICE_OPTIONS, "cache": CACHE_OPTIONS},
)
DATABASES = Vendor(
    name="railway", place="service", options=OPTIONS, parts={"database": RailwayDatabase}, also={"database": DATABASE_OPTIONS}
)
"""A database is a service of its own, beside those that use it."""
