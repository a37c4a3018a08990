# SPDX-License-Identifier: GPL-3.0-or-later
"""Render: a rollback is a new deploy of an old artifact, and through the API it leaves automatic deploys on."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.access import DATABASE, OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.cache import RenderCache
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.database import RenderDatabase
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.logs import RenderLogs
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.releases import Render
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.service import RenderService
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.render.variables import RenderVariables
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(
    name="render",
    place="service",
    options=OPTIONS,
    parts={"releases": Render, "variables": RenderVariables, "service": RenderService, "cache": RenderCache, "logs": RenderLogs},
)
DATABASES = Vendor(name="render", place="postgres", options=DATABASE, parts={"database": RenderDatabase})
"""A database is no part of a service, and its address is in the variables of several."""
