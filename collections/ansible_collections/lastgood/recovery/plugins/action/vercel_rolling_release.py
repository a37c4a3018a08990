# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers import vercel
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.vercel import rolling_release
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    operation = rolling_release.operation(vercel.VENDOR)
