# SPDX-License-Identifier: GPL-3.0-or-later
"""All vendors by name, so that playbooks name no vendor and inventories do."""
from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import (
    convex,
    git,
    heroku,
    lambda_edge,
    netlify,
    railway,
    render,
    vercel,
)
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import REACH, Vendor

VENDORS: dict[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        convex.VENDOR,
        git.VENDOR,
        heroku.VENDOR,
        lambda_edge.VENDOR,
        netlify.VENDOR,
        railway.VENDOR,
        render.VENDOR,
        vercel.VENDOR,
    )
}
# Ansible has to know which of them are secret before it knows the vendor, or it would log them on the host it runs on.
SERVICE: dict[str, Any] = {
    name: {"type": option["type"], "no_log": option.get("no_log", False)}
    for vendor in VENDORS.values()
    for options in (vendor.options, *vendor.also.values())
    for name, option in options.items()
}


class AnyVendor:
    """The vendor that the target's inventory names, its C(service) checked like that vendor's own module options."""

    def arguments_of(self, part: str) -> dict[str, Any]:
        return {
            "provider": {"type": "str", "required": True, "choices": list(VENDORS)},
            "service": {"type": "dict", "required": True, "options": SERVICE},
            **REACH,
        }

    def connect(self, part: str, options: Options, run: Run) -> Any:
        vendor = VENDORS[options["provider"]]
        given = {name: value for name, value in options["service"].items() if value is not None}
        own = {name: option for name, option in vendor.arguments_of(part).items() if name not in REACH}
        others = {name for options in vendor.also.values() for name in options if name not in own}
        checked = ArgumentSpecValidator(own).validate({name: value for name, value in given.items() if name not in others})
        if checked.error_messages:
            required = [option for option in vendor.options.values() if option.get("required") and "fallback" in option]
            environment = ", ".join(name for option in required for name in option["fallback"][1])
            raise Refused(
                f"service of {vendor.name}: {'; '.join(checked.error_messages)}",
                f"Give it in the inventory, or in the environment: {environment}.",
            )
        return vendor.connect(part, {**checked.validated_parameters, "reach": options["reach"]}, run)


ANY = AnyVendor()
