# SPDX-License-Identifier: GPL-3.0-or-later
"""Netlify: a rollback publishes an old deploy again, and the lock that keeps pushes away has to move with it."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.access import OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.cache import NetlifyCache
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.logs import NetlifyLogs
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.releases import Netlify
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.netlify.variables import NetlifyVariables
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(
    name="netlify",
    place="site",
    options=OPTIONS,
    parts={"releases": Netlify, "variables": NetlifyVariables, "cache": NetlifyCache, "logs": NetlifyLogs},
)
