# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that only run another: what is judged is what they run."""

from __future__ import annotations

import re

ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=.*", re.DOTALL)
RUNNERS: tuple[tuple[tuple[str, ...], frozenset[str], int], ...] = (
    (("sudo",), frozenset({"-u", "-g", "-h"}), 0),
    (("env",), frozenset({"-u", "-C"}), 0),
    (("time",), frozenset(), 0),
    (("nohup",), frozenset(), 0),
    (("timeout",), frozenset({"-k", "-s"}), 1),
    (("npx",), frozenset({"-p", "--package"}), 0),
    (("bunx",), frozenset(), 0),
    (("pnpm", "exec"), frozenset(), 0),
    (("pnpm", "dlx"), frozenset(), 0),
    (("yarn", "dlx"), frozenset(), 0),
    (("railway", "run"), frozenset({"-s", "--service", "-e", "--environment", "-p", "--project"}), 0),
    (("heroku", "run"), frozenset({"-a", "--app", "-s", "--size"}), 0),
    (("docker", "exec"), frozenset({"-u", "--user", "-e", "--env", "-w", "--workdir"}), 1),
    (("docker", "compose", "exec"), frozenset({"-u", "--user", "-e", "--env"}), 1),
    (("kubectl", "exec"), frozenset({"-n", "--namespace", "-c", "--container"}), 1),
)
"""What only runs another command: its words, its options that have a value, and how many further words are its own."""


def bare(words: list[str]) -> list[str]:
    """Without what only runs it, the program without its folder and version."""
    while words:
        words = [re.sub(r"(?<=.)@[\w.^~-]+$", "", words[0].rpartition("/")[2] or words[0]), *words[1:]]
        runner = next((one for one in RUNNERS if tuple(words[: len(one[0])]) == one[0]), None)
        rest = _run(words, runner) if runner else []
        if not rest:
            return words
        words = rest
    return words


def _run(words: list[str], runner: tuple[tuple[str, ...], frozenset[str], int]) -> list[str]:
    own, valued, positional = runner
    rest = words[len(own) :]
    while rest and (rest[0].startswith("-") or ASSIGNMENT.fullmatch(rest[0]) or positional > 0):
        if rest[0] == "--":
            return rest[1:]
        if rest[0] in valued:
            rest = rest[1:]
        elif not rest[0].startswith("-") and not ASSIGNMENT.fullmatch(rest[0]):
            positional -= 1
        rest = rest[1:]
    return rest
