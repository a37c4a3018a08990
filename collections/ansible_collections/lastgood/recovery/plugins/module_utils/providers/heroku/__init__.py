# SPDX-License-Identifier: GPL-3.0-or-later
"""Heroku: a release is code with variables; a rollback is a new release, and nothing can hold the next push."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.access import OF_RELEASES, OPTIONS
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.database import HerokuPostgres
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.logs import HerokuLogs
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.releases import Heroku
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.service import HerokuService
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.transfers import OPTIONS as OF_DATABASES
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.heroku.variables import HerokuVariables
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(
    name="heroku",
    place="app",
    options=OPTIONS,
    parts={
        "releases": Heroku,
        "variables": HerokuVariables,
        "service": HerokuService,
        "logs": HerokuLogs,
        "database": HerokuPostgres,
    },
    also={"releases": OF_RELEASES, "database": OF_DATABASES},
)
