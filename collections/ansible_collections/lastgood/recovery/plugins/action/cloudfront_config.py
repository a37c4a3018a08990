# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import going_back
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import cloudfront
from ansible_collections.lastgood.recovery.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    operation = going_back.operation(cloudfront.VENDOR)
