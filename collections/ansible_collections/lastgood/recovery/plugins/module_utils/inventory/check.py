# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole check of an inventory, as a module does it."""
from __future__ import annotations

import os
import textwrap
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory import relations, shape
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.sources import gathered
from ansible_collections.lastgood.recovery.plugins.module_utils.lines import WIDTH
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run

HINT = "Correct it; docs/inventory.md has every variable. In an emergency a rollback goes on all the same with -e check_inventory=false."

UNREAD = "its files are checked where they are, such as in the CI of their repository: playbooks/check-inventory.yml"


def check(options: Options, run: Run, targets: relations.Targets | None = None) -> Result:
    """Which files were read and which variables are the team's own; Refused with file and line of everything that is wrong."""
    sources = gathered(options["sources"])
    found = [*shape.findings(sources), *relations.findings(targets or {}, sources)]
    rows = [{"file": _near(one.file), "line": one.line, "says": one.says} for one in sorted(set(found))]
    if rows:
        screen = [_wrapped(f"{row['file']}:{row['line']}: {row['says']}") for row in rows]
        many = "a mistake" if len(rows) == 1 else f"{len(rows)} mistakes"
        raise Refused(f"the inventory has {many}", HINT, findings=rows, screen=screen)
    files = [_near(str(marked.path)) for marked in sources.files]
    own = shape.own(sources)
    result = {"files": files, "unread": [_near(str(path)) for path in sources.unread], "own": own}
    if not files:
        looked = f"; how its {len(targets)} targets fit together: no mistake" if targets else ""
        return {**result, "summary": f"files not looked at: this inventory has none in YAML{looked}", "warnings": [UNREAD]}
    return {**result, "summary": f"{len(files)} files, {len(sources.hosts)} hosts: no mistake found"}


def _wrapped(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def _near(path: str) -> str:
    """As seen from here, where it is below."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


ARGUMENTS: dict[str, Any] = {"sources": {"type": "list", "elements": "path", "required": True}}
CHECK = Operation(ARGUMENTS, check)
