"""What AWX has, written from the list of scenarios: C(awx/controller/*.yml), and the first table of C(docs/scenarios.md).

Usage: scripts/awx [--check] [--settings FILE] [--into DIRECTORY]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import yaml

from awx.definitions import HERE, ROOT, Definitions
from awx.form import Row, written

PAGE = ROOT / "docs/scenarios.md"
BEGIN, END = "<!-- scenarios: begin -->\n", "<!-- scenarios: end -->\n"


def page(scenarios: Iterable[Row]) -> str:
    """docs/scenarios.md with its first table as the list has it."""
    head = "| scenario | what is broken | playbook | asked for by | what it changes |\n|---|---|---|---|---|\n"
    rows = [
        f"| `{one['name']}` | {one['broken']} | [{one['playbook'].removesuffix('.yml')}](../playbooks/{one['playbook']}) "
        f"| {one['asked_for_by']} | {one['changes']} |\n"
        for one in scenarios
    ]
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n{head}{''.join(rows)}\n{END}{rest.partition(END)[2]}"


def outcome(settings: Path, into: Path) -> dict[Path, str]:
    """By path, what is to be in it."""
    made = Definitions(yaml.safe_load(settings.read_text()))
    files = {into / f"{name}.yml": written(content) for name, content in made.files().items()}
    return files | ({PAGE: page(made.list["scenarios"])} if into == HERE / "controller" else {})


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/awx", description="Write what AWX has from the list of scenarios.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when something is stale")
    parser.add_argument("--settings", type=Path, default=HERE / "settings.yml")
    parser.add_argument("--into", type=Path, default=HERE / "controller")
    given = parser.parse_args()
    stale = {path: text for path, text in outcome(given.settings, given.into).items() if not path.exists() or path.read_text() != text}
    for path, text in stale.items():
        print(f"{path}: {'is stale' if given.check else 'written'}")
        if not given.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return 1 if given.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
