# SPDX-License-Identifier: GPL-3.0-or-later
"""Git: a rollback is one new commit with an old tree, pushed on top; history is never rewritten, and nothing holds pushes."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.access import OPTIONS, written
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.releases import GitReleases
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.reverting import GitReverts
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(
    name="git",
    place="repository",
    options=OPTIONS,
    parts={"releases": GitReleases, "reverts": GitReverts},
    written=written,
)
