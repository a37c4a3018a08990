"""What drills measured, as the table of docs/scenarios.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE, ROWS = ROOT / "docs/scenarios.md", ROOT / ".cache/drills"
BEGIN, END = "<!-- drills: begin -->\n", "<!-- drills: end -->\n"
SECONDS = ("detect", "decide", "roll_back", "verify", "total", "broken")
HEAD = ("failure", "scenario", "noticed by", *(name.replace("_", " ") for name in SECONDS), "verdict")

Drill = Mapping[str, Any]
"""One row of C(drills-sandbox.json)."""


def table(failures: Iterable[str], drills: Mapping[str, Drill]) -> str:
    """Those that were held, in the inventory's order; a duration that nobody measured is a dash."""
    lines = [HEAD, tuple("---:" if name in {one.replace("_", " ") for one in SECONDS} else "---" for name in HEAD)]
    lines += [_row(drills[failure]) for failure in failures if failure in drills]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(drill: Drill) -> tuple[str, ...]:
    took = drill.get("seconds") or {}
    shown = ["-" if took.get(name) is None else f"{took[name]:.1f} s" for name in SECONDS]
    return (drill["failure"], drill["scenario"], ", ".join(drill.get("fired") or ["nobody"]), *shown, drill["verdict"])


def with_table(page: str, measured: str) -> str:
    """The page with that between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{measured}\n{END}{after}"


def keep(drill: Drill) -> None:
    """Where a run of the tests leaves what it has measured; each failure has a file of its own, as processes test side by side."""
    ROWS.mkdir(parents=True, exist_ok=True)
    (ROWS / f"{drill['failure']}.json").write_text(json.dumps(drill, indent=1, ensure_ascii=False) + "\n")


def write(failures: Sequence[str]) -> None:
    """All that was kept, into the page, once every failure was held."""
    kept = {path.stem: json.loads(path.read_text()) for path in ROWS.glob("*.json")}
    if set(failures) <= set(kept):
        PAGE.write_text(with_table(PAGE.read_text(), table(failures, kept)))
