# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils import managed_database
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import railway
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    operation = managed_database.operation(railway.DATABASES)
