# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence of an exercise: one JSON object of everything that its pages say, out of what is stored and nothing else."""
# In process there is no AnsibleModule, whose run_command would be.
# pylint: disable=ansible-bad-function
from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.drill.record import Drill
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise import judging, trends
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.controls import judge_controls
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.html import as_html
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.incident_facts import read_incident
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.markdown import as_markdown
from ansible_collections.lastgood.recovery.plugins.module_utils.exercise.record import PAGES, Exercise, attempts, held
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import chain
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.policy.reading import document_in
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store

TYPE = "lastgood exercise 1"
Evidence = dict[str, Any]
NAMED = ("name", "environment", "environment_title", "by", "seed", "began_at", "left_out", "signer")
OWN = Path(__file__).resolve().parents[3]


def gather(store: Store, exercise: Exercise, drills: list[Drill]) -> list[dict[str, Any]]:
    """Every step of the exercise, judged, with its drill and what its incident says."""
    steps = []
    for step in exercise["steps"]:
        drill = held(step, drills)
        incident = read_incident(store.find(drill["incident"])) if drill and drill.get("incident") else None
        steps.append(judging.judge_step(step, drill, len(attempts(step, drills)), incident))
    return steps


def compose(
    exercise: Exercise, steps: Sequence[dict[str, Any]], versions: Mapping[str, Any], earlier: Sequence[Evidence],
    previous: Mapping[str, Any] | None, ended_at: str,
) -> Evidence:
    """All of it but C(pages), the hashes of what is made of it. C(earlier) are the exercises before, oldest first."""
    verdict, came_to, exit_code = judging.judge(steps, exercise["signer"])
    evidence: Evidence = {
        "type": TYPE,
        **{key: exercise[key] for key in NAMED},
        "number": (previous["number"] if previous else 0) + 1,
        "ended_at": ended_at,
        "versions": dict(versions),
        "verdict": verdict,
        "came_to": came_to,
        "exit_code": exit_code,
        "steps": list(steps),
        "communication": judging.told_of(steps),
        "previous": {key: previous[key] for key in ("name", "sha256", "state")} if previous else None,
    }
    evidence["trends"] = trends.compared(trends.of_exercise(evidence), [trends.of_exercise(one) for one in earlier])
    evidence["controls"] = judge_controls(evidence)
    return evidence


def render(evidence: Evidence) -> dict[str, bytes]:
    """Its pages, by file."""
    bare = {key: value for key, value in evidence.items() if key != "pages"}
    return dict(zip(PAGES, (as_markdown(bare).encode(), as_html(bare).encode()), strict=True))


def sealed(evidence: Evidence) -> tuple[bytes, dict[str, bytes]]:
    """C(evidence.json) in its canonical form, with the hashes of its pages, and these."""
    pages = render(evidence)
    return as_bytes({**evidence, "pages": {file: sha256(content) for file, content in pages.items()}}), pages


def as_bytes(evidence: Evidence) -> bytes:
    """The one form that it is signed in."""
    return chain.canonical(evidence) + b"\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def versions_of(directory: Path, ansible: str | None) -> dict[str, Any]:
    """{lastgood, ansible_core, playbooks: {commit, changed}}; C(playbooks) is None where this is no Git checkout."""
    return {"lastgood": _own_version(OWN), "ansible_core": ansible, "playbooks": _checkout(directory)}


def _own_version(collection: Path) -> str | None:
    """From what a checkout has, or else from what an installed collection has."""
    if (collection / "galaxy.yml").is_file():
        return document_in(collection / "galaxy.yml")["version"]
    if (collection / "MANIFEST.json").is_file():
        return document_in(collection / "MANIFEST.json")["collection_info"]["version"]
    return None


def _checkout(directory: Path) -> dict[str, Any] | None:
    try:
        commit, changed = (
            subprocess.run(["git", "-C", str(directory), *words], capture_output=True, text=True, timeout=10, check=True).stdout
            for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit.strip(), "changed": bool(changed.strip())}
