# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.incident import relieving
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    operation = relieving.DECIDE
