# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module that captures variables does: name them, and write their values down where nobody else can read them."""
from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.lastgood.recovery.plugins.module_utils import moment
from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Variables, count, fingerprint
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached


def operation(vendor: Reached) -> Operation:
    """The module that looks at a target's variables, and captures them on request."""
    return Operation(
        arguments={**vendor.arguments_of("variables"), "save_to": {"type": "path"}},
        perform=lambda options, run: look(vendor.connect("variables", options, run), options, run),
    )


def look(variables: Variables, options: Options, run: Run) -> Result:
    """Names with fingerprints. The values themselves go into the file and nowhere else."""
    kept = variables.kept_by_others()
    there = {name: value for name, value in variables.values().items() if name not in kept}
    readable = {name: value for name, value in there.items() if value is not None}
    unreadable = sorted(set(there) - set(readable))
    path = options["save_to"]
    if path and not run.check:
        if run.save is None:
            raise Refused(
                "captured variables are secrets, and there is nothing to encrypt them with",
                "Run it on the controller, with --vault-password-file or --vault-id.",
            )
        content = {"captured_at": moment.iso(datetime.now(UTC)), "vendor": variables.name, "unreadable": unreadable, "variables": readable}
        run.save(path, content)
    return {
        "changed": bool(path),
        "variables": {name: fingerprint(variables.key, name, value) for name, value in sorted(readable.items())},
        "unreadable": unreadable,
        "vendor": variables.name,
        "summary": count(readable) + (" captured" if path else "")
        + (f", {len(unreadable)} that {variables.name} does not show" if unreadable else ""),
    }
