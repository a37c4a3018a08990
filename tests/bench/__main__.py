"""Measures what the project itself costs, with vendors that take no time. Run it by hand: `python -m tests.bench`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from tests.bench import ways
from tests.bench.fleet import Fleet, fleet
from tests.bench.measuring import Cost, alternately

TARGETS, MANY = 4, 20
STEP_TARGETS, STEPS = 6, 5
ROW = "{:<46} {:>8} {:>8}  {}"


def rollback(runs: int) -> None:
    """The whole of rollback-checkout.yml, against a bare script and the vendors' command lines."""
    with fleet(TARGETS) as four:
        names: dict[str, Callable[[Fleet], Cost]] = {
            "rollback-checkout.yml": ways.rollback,
            "ansible's own start (an empty play)": ways.empty,
            "a bare script, one target after the other": ways.bare_script,
            "the vendors' command lines, likewise": ways.command_lines,
        }
        reason = _reason_to_skip(four)
        if reason:
            del names["the vendors' command lines, likewise"]
        costs = alternately(runs, {name: lambda way=way: way(four) for name, way in names.items()})
    whole = costs["rollback-checkout.yml"]
    _table(f"{TARGETS} broken targets, all rolled back", {name: (c, f"{whole.wall / c.wall:.2f}") for name, c in costs.items()}, "playbook / this")
    if reason:
        print(f"the vendors' command lines: skipped, {reason}")


def growth(runs: int) -> None:
    """The plan and the rollback of many targets against those of a few."""
    with fleet(TARGETS) as few, fleet(MANY) as many:
        names = {"empty play": ways.empty, "plan (--check --diff)": ways.plan, "rollback-checkout.yml": ways.rollback}
        each = {f"{name}, {len(f.targets)} targets": lambda way=way, f=f: way(f) for name, way in names.items() for f in (few, many)}
        costs = alternately(runs, each)
    rows = {}
    for name in names:
        a, b = costs[f"{name}, {TARGETS} targets"], costs[f"{name}, {MANY} targets"]
        rows[f"{name}, {TARGETS} targets"] = (a, "")
        rows[f"{name}, {MANY} targets"] = (b, f"{_ms(b.wall - a.wall, MANY - TARGETS)}; {b.wall / a.wall:.1f} times")
    _table("Growth", rows, "each target more")


def steps(runs: int) -> None:
    """What one step costs on one target, in process and as a module."""
    count = STEP_TARGETS * STEPS
    with fleet(STEP_TARGETS) as six:
        costs = alternately(
            runs,
            {
                "empty play": lambda: ways.empty(six),
                "release_info in the worker process": lambda: ways.steps_in_process(six),
                "release_info as a module": lambda: ways.steps_as_module(six),
            },
        )
    floor = costs.pop("empty play")
    per_step = {name: (c, f"{_ms(c.wall - floor.wall, count)} wall, {_ms(c.cpu - floor.cpu, count)} CPU") for name, c in costs.items()}
    _table(f"{count} steps on {STEP_TARGETS} targets", {"empty play": (floor, ""), **per_step}, "each step and target")


def _reason_to_skip(four: Fleet) -> str:
    try:
        ways.command_lines(four)
    except ways.Unavailable as reason:
        return str(reason)
    return ""


def _ms(seconds: float, number: int) -> str:
    return f"{seconds / number * 1000:.0f} ms"


def _table(title: str, rows: dict[str, tuple[Cost, str]], last: str) -> None:
    print(f"\n{ROW.format(title, 'wall', 'CPU', last)}")
    for name, (used, more) in rows.items():
        print(ROW.format(name, f"{used.wall:.2f} s", f"{used.cpu:.2f} s", more), flush=True)


PARTS = {part.__name__: part for part in (rollback, growth, steps)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART", help=f"one of {', '.join(PARTS)}; all of them without")
    parser.add_argument("--runs", type=int, default=5, help="how often each is run; the medians are shown (5)")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}")
    print(f"medians of {given.runs} runs on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    for name in given.parts:
        PARTS[name](given.runs)


if __name__ == "__main__":
    main()
