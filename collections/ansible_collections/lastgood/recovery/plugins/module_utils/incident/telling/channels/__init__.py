# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an incident can be told."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Channel
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import better_stack, instatus, statuspage
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.apprise_url import AppriseUrl
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.banner import Banner
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.mail import Mail
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.pagerduty import PagerDuty
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.slack import Slack

KINDS: dict[str, Callable[[Mapping[str, Any]], Channel]] = {
    "apprise": AppriseUrl,
    "banner": Banner,
    "better_stack": better_stack.channel,
    "email": Mail,
    "instatus": instatus.channel,
    "pagerduty": PagerDuty,
    "slack": Slack,
    "statuspage": statuspage.channel,
}
"""By the name that the inventory has for the kind: what takes its options, C(name) among them."""
