# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting a branch at a good release, to repair what is broken from there; the branch that production follows stays as it is."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, wish
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.git.releases import GitReleases
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release


def start(provider: GitReleases, options: Options, run: Run) -> Result:
    """Push a branch called C(hotfix) at the chosen release; nothing when it starts there already, Refused when it starts elsewhere."""
    repository, branch = provider.repository, options["hotfix"]
    if branch == repository.branch or not repository.git.holds_true("check-ref-format", "--branch", branch):
        raise errors.Refused(f"{branch} is no name for a new branch", "Choose another one, such as hotfix/checkout.")
    before = provider.current()
    chosen = wish.choose(provider, before, options)
    target = chosen.release
    there = _starts_at(provider, branch, target)
    if not there and not run.check:
        _push(provider, branch, target)
    return {
        "changed": not there,
        "from": before and before.as_dict(),
        "to": target.as_dict(),
        "serving": before and before.as_dict(),
        "why": chosen.why,
        "held": False,
        "held_before": False,
        "warnings": [],
        "waited": 0.0,
        "summary": f"{branch} {'starts' if there else 'would start' if run.check else 'started'} at {target}",
        "diff": {"before": {branch: str(target) if there else "missing"}, "after": {branch: str(target)}},
    }


def _starts_at(provider: GitReleases, branch: str, target: Release) -> bool:
    """Whether the branch is there, at the release or with commits on top of it."""
    repository = provider.repository
    tip = repository.head_of(branch)
    if tip is None:
        return False
    if tip != target.id and not repository.has(branch, tip, target.id):
        raise errors.Refused(f"{branch} is there already, and does not start at {target} but has {tip[:7]}", "Choose another name.")
    return True


def _push(provider: GitReleases, branch: str, target: Release) -> None:
    """Unanswered, or Conflict, only when the branch is not there afterwards."""
    try:
        provider.repository.push(target.id, branch)
    except (errors.Unanswered, errors.Conflict):
        if not _starts_at(provider, branch, target):
            raise
