# SPDX-License-Identifier: GPL-3.0-or-later
"""The banner in the team's own application: a text in an Edge Config item, or a flag that turns one on."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.flags import flagsmith, launchdarkly, unleash, vercel_edge_config
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message, Told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import options as given
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.trying import attempt
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import same
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

THROUGH: dict[str, tuple[Vendor, str, str]] = {
    "edge_config": (vercel_edge_config.VENDOR, "items", "key"),
    "launchdarkly": (launchdarkly.VENDOR, "flags", "name"),
    "flagsmith": (flagsmith.VENDOR, "flags", "name"),
    "unleash": (unleash.VENDOR, "flags", "name"),
}
"""The vendor, what of it, and the option that names the item or the flag."""
OPTIONS: given.Specification = {
    "through": {"type": "str", "required": True, "choices": list(THROUGH)},
    "setting": {"type": "dict", "required": True, "no_log": True},
}
OURS = "lastgood"


class Banner:
    """What the item was before is kept in the item, so that it is put back even when nobody remembers."""

    recognises = True

    def __init__(self, options: Mapping[str, Any]) -> None:
        read = given.read("banner", OPTIONS, options)
        self.name = read["name"]
        self._vendor, self._part, naming = THROUGH[read["through"]]
        arguments = {**self._vendor.arguments_of(self._part), naming: {"type": "str", "required": True}}
        checked = ArgumentSpecValidator(arguments).validate(dict(read["setting"]))
        self._secrets = {value for name, value in read["setting"].items() if arguments.get(name, {}).get("no_log")}
        if checked.error_messages:
            problem = remove_values("; ".join(checked.error_messages), self._secrets)
            raise Refused(f"channel {self.name} (banner): setting: {problem}", f"It takes the options of {self._vendor.name}'s flags.")
        self._setting = checked.validated_parameters
        self._secrets |= {self._setting[name] for name, option in arguments.items() if option.get("no_log") and self._setting.get(name)}

    def tell(self, message: Message, memory: Mapping[str, Any]) -> Told:
        if words.late(message, memory):
            return Told(memory)
        with attempt(self.name, self._secrets) as run:
            setting = self._vendor.connect(self._part, self._setting, run)
            now = setting.read()
            wanted = _flag(message) if isinstance(now, bool) else _item(message, now)
            if not same(now, wanted):
                setting.write(wanted)
            return Told({"over": words.ends(message)}, setting.dashboard)


def _flag(message: Message) -> bool:
    """The flag is the banner's own: off while nothing is the matter."""
    return not words.ends(message)


def _item(message: Message, now: dict[str, Any]) -> dict[str, Any]:
    """The item with the banner in it, or as it was before; a banner that somebody else has put there since then stays."""
    value = now["value"] if now["state"] == "present" else None
    about = value.get(OURS) if isinstance(value, dict) else None
    ours = about is not None and about["incident"] == words.mark(message)
    if words.ends(message):
        return about["before"] if ours and about else now
    banner = {
        "text": words.public(message),
        "severity": message.severity,
        "status": message.status,
        "since": message.started_at,
        "test": message.test,
        OURS: {"incident": words.mark(message), "before": about["before"] if about else now},
    }
    return {"state": "present", "value": banner}
