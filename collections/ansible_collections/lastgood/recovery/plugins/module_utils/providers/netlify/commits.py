# SPDX-License-Identifier: GPL-3.0-or-later
"""Which commit each deploy was built of: Netlify builds the newest push and nothing else, and says what it was when a push asked for it."""
from __future__ import annotations

from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment

Rows = list[dict[str, Any]]


def built_of(rows: Rows) -> dict[str, str]:
    """By the id of each of these production deploys its commit; the id where it was not built from Git, or nobody can tell.

    What the dashboard, a hook or the API asked for has a build and no commit: it is the push before it, built once more.
    """
    found: dict[str, str] = {}
    pushed = ""
    for row in sorted(rows, key=lambda row: moment.parse(row["created_at"])):
        if _is_push(row):
            pushed = row["commit_ref"]
        found[row["id"]] = row.get("commit_ref") or (pushed if row.get("build_id") else "") or row["id"]
    return found


def newest_push(rows: Rows) -> str:
    """The commit that a build would be of now, as far as these production deploys tell; empty when they do not."""
    pushes = [row for row in rows if _is_push(row)]
    return str(max(pushes, key=lambda row: moment.parse(row["created_at"]))["commit_ref"]) if pushes else ""


def _is_push(row: dict[str, Any]) -> bool:
    """Its build failing, or being skipped, makes no difference; what came from a command line has no build."""
    return bool(row.get("build_id") and row.get("commit_ref"))
