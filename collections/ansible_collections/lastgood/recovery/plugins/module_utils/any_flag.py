# SPDX-License-Identifier: GPL-3.0-or-later
"""All vendors of flags by name, so that playbooks name none and inventories do; what there was is remembered, and put back."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.flags import flagsmith, launchdarkly, unleash, vercel_edge_config
from ansible_collections.lastgood.recovery.plugins.module_utils.json_value import same
from ansible_collections.lastgood.recovery.plugins.module_utils.memory import forget, remember, remembered
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.setting import WAITING, Setting, settle, told
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import REACH, Vendor


@dataclass(frozen=True)
class Place:
    """Where flags are kept: C(part) of the vendor, and the option that names one flag there."""

    title: str
    module: str
    """The vendor's own."""
    vendor: Vendor
    part: str = "flags"
    key: str = "name"

    @property
    def options(self) -> dict[str, Any]:
        return {**self.vendor.options, self.key: {"type": "str", "required": True, "no_log": False}}


PLACES = {
    "edge_config": Place("Vercel Edge Config", "vercel_edge_config_item", vercel_edge_config.VENDOR, "items", "key"),
    "flagsmith": Place("Flagsmith", "flagsmith_flag", flagsmith.VENDOR),
    "launchdarkly": Place("LaunchDarkly", "launchdarkly_flag", launchdarkly.VENDOR),
    "unleash": Place("Unleash", "unleash_flag", unleash.VENDOR),
}
# Ansible has to know which of them are secret before it knows the vendor, or it would log them on the host it runs on.
OPTIONS: dict[str, Any] = {
    name: {"type": option["type"], "no_log": option.get("no_log", False)}
    for place in PLACES.values()
    for name, option in place.options.items()
}
ARGUMENTS: dict[str, Any] = {
    "provider": {"type": "str", "required": True, "choices": list(PLACES)},
    "options": {"type": "dict", "required": True, "options": OPTIONS},
    "enabled": {"type": "bool"},
    "value": {"type": "raw"},
    "memory": {"type": "path"},
    "put_back": {"type": "bool"},
    **WAITING,
    **REACH,
}
WISHES = ("enabled", "value", "put_back")
RULES = {"mutually_exclusive": [WISHES], "required_one_of": [WISHES], "required_if": [("put_back", True, ("memory",))]}


def switch(options: Options, run: Run) -> Result:
    """The flag as it is wanted, or as it was remembered; what there was is remembered before the first change."""
    place, memory = PLACES[options["provider"]], options["memory"]
    setting = _connect(place, options, run)
    wanted, known = _wanted(place, options)
    now = setting.read()
    if not known:
        result = {"changed": False, "before": now, "after": now, "seen": None, "waited": 0.0, "dashboard": setting.dashboard}
        return {**result, "vendor": place.title, "dependents": None, "summary": f"nothing is remembered in {memory}"}
    if memory and not options["put_back"] and not run.check and not same(now, wanted):
        remember(memory, {"value": now})
    result = settle(setting, wanted, options, run)
    if options["put_back"] and not run.check:
        forget(memory)
    return {**result, "vendor": place.title, "dependents": told(getattr(setting, "dependents", lambda: None))}


def _connect(place: Place, options: Options, run: Run) -> Setting:
    given = {name: value for name, value in options["options"].items() if value is not None}
    checked = ArgumentSpecValidator(place.options).validate(given)
    if checked.error_messages:
        raise Refused(
            f"options of {options['provider']}: {'; '.join(checked.error_messages)}",
            f"Give it in the inventory; they are those of {place.module}.",
        )
    setting: Setting = place.vendor.connect(place.part, {**checked.validated_parameters, "reach": options["reach"]}, run)
    return setting


def _wanted(place: Place, options: Options) -> tuple[Any, bool]:
    """The value asked for; and false when it is to be put back and nothing is remembered."""
    if options["put_back"]:
        before = remembered(options["memory"])
        if before is not None and "value" not in before:
            raise Refused(f"{options['memory']} is no memory of a flag", "Name the file that was given as memory before.")
        return before and before["value"], before is not None
    item = place.part == "items"
    if options["value"] is not None and not item:
        raise Refused(f"a flag at {place.title} is on or off", "Give enabled, and no value.")
    value = options["enabled"] if options["enabled"] is not None else options["value"]
    return ({"state": "present", "value": value} if item else value), True


SWITCH = Operation(ARGUMENTS, switch, RULES)
