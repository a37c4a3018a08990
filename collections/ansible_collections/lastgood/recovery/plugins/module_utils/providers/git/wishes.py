# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(git_release) can be asked for: what every release module can, a revert in the middle, and a branch for a hotfix."""
from __future__ import annotations

import re
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import rollback, wish
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git import hotfix, reverting
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.releases import GitReleases
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

ARGUMENTS: dict[str, Any] = {"revert": {"type": "str"}, "hotfix": {"type": "str"}}
WISHES = (*wish.WISHES, "revert")
RULES: dict[str, Any] = {
    "mutually_exclusive": [WISHES, ("revert", "hotfix")],
    "required_one_of": [(*wish.WISHES, "hold", "revert", "hotfix")],
}


def operation(vendor: Vendor) -> Operation:
    """The release module for Git."""

    def perform(options: Options, run: Run) -> Result:
        if options["revert"]:
            return reverting.revert(vendor.connect("reverts", options, run), options, run)
        provider: GitReleases = vendor.connect("releases", options, run)
        options = {**options, "release": _in_full(provider, options["release"])}
        if options["hotfix"]:
            return hotfix.start(provider, options, run)
        return rollback.roll_back(provider, options, run)

    return Operation({**vendor.arguments_of("releases"), **rollback.ARGUMENTS, **ARGUMENTS}, perform, RULES)


def _in_full(provider: GitReleases, name: str | None) -> str | None:
    """The commit that a tag or an abbreviated hash means; anything else as it is."""
    if not name or name.startswith("-"):
        return name
    if tagged := provider.repository.tagged(name):
        return tagged
    if re.fullmatch(r"[0-9a-f]{7,63}", name):
        commits = [release.id for release in provider.releases() if release.id.startswith(name)]
        return commits[0] if len(commits) == 1 else name
    return name
