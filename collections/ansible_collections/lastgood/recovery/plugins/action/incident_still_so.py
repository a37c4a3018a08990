# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.still_so import STILL_SO
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    operation = STILL_SO
