"""Measures what the project itself costs, with vendors that take no time. Run it by hand: `python -m tests.bench`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from functools import partial

from tests.bench import ways
from tests.bench.fleet import Fleet, fleet
from tests.bench.measuring import Cost, alternately
from tests.vendor_clients import Unavailable

TARGETS, MANY = 4, 20
STEP_TARGETS, STEPS = 6, 5
SECONDS_PER_CALL = 0.1
ROW = "{:<46} {:>8} {:>8}  {}"
Way = Callable[[Fleet], Cost]

EMPTY, PLAYBOOK = "ansible's own start (an empty play)", "rollback-checkout.yml"
SAME = "a script with the same calls, likewise"
SCRIPT, COMMANDS = "a bare script, one target after the other", "the vendors' command lines, likewise"


def rollback(runs: int) -> None:
    """The whole of rollback-checkout.yml, against a bare script and the vendors' command lines."""
    scripts: dict[str, Way] = {SCRIPT: ways.bare_script, SAME: ways.same_calls}
    with fleet(TARGETS) as four:
        costs = _in_turns(runs, four, {PLAYBOOK: ways.rollback, EMPTY: ways.empty, **scripts, **_command_lines()})
    _compare(f"{TARGETS} broken targets, all rolled back", costs)


def distance(runs: int) -> None:
    """The same with many targets, at vendors that take as long for an answer as they do over the internet."""
    scripts: dict[str, Way] = {SCRIPT: ways.bare_script, SAME: ways.same_calls}
    with fleet(MANY, SECONDS_PER_CALL) as many:
        costs = _in_turns(runs, many, {PLAYBOOK: ways.rollback, **scripts, **_command_lines()})
    _compare(f"{MANY} targets, {SECONDS_PER_CALL * 1000:.0f} ms a call", costs)


def growth(runs: int) -> None:
    """The plan and the rollback of many targets against those of a few."""
    compared: dict[str, Way] = {EMPTY: ways.empty, "plan (--check --diff)": ways.plan, PLAYBOOK: ways.rollback}
    with fleet(TARGETS) as few, fleet(MANY) as many:
        costs = alternately(runs, {(name, len(f.targets)): partial(way, f) for name, way in compared.items() for f in (few, many)})
    rows = {}
    for name in compared:
        a, b = costs[name, TARGETS], costs[name, MANY]
        rows[f"{name}, {TARGETS}"] = (a, "")
        rows[f"{name}, {MANY}"] = (b, f"{_each(a, b, MANY - TARGETS)}; {b.wall / a.wall:.1f} times")
    _table("by targets", rows, "each target more")


def steps(runs: int) -> None:
    """What one step costs on one target: in process, as a module, and without anything of this project in it."""
    ways_to_step: dict[str, Way] = {
        "a step of Ansible's own that does nothing": ways.idle_steps,
        "release_info in the worker process": ways.steps_in_process,
        "release_info as a module": ways.steps_as_module,
    }
    with fleet(STEP_TARGETS) as six:
        costs = _in_turns(runs, six, {EMPTY: ways.empty, **ways_to_step})
    floor = costs[EMPTY]
    rows = {name: (costs[name], _each(floor, costs[name], STEP_TARGETS * STEPS)) for name in ways_to_step}
    _table(f"{STEPS} steps on {STEP_TARGETS} targets", {EMPTY: (floor, ""), **rows}, "each step and target")


def _command_lines() -> dict[str, Way]:
    """Them, if they can be had here."""
    try:
        command_lines = ways.command_lines()
    except Unavailable as reason:
        print(f"\n{COMMANDS}: skipped, {reason}")
        return {}
    return {COMMANDS: command_lines}


def _in_turns(runs: int, one: Fleet, compared: dict[str, Way]) -> dict[str, Cost]:
    return alternately(runs, {name: partial(way, one) for name, way in compared.items()})


def _compare(title: str, costs: dict[str, Cost]) -> None:
    whole = costs[PLAYBOOK].wall
    _table(title, {name: (used, f"{whole / used.wall:.2f}") for name, used in costs.items()}, "playbook / this")


def _each(floor: Cost, used: Cost, number: int) -> str:
    return f"{_ms(used.wall - floor.wall, number)} wall, {_ms(used.cpu - floor.cpu, number)} CPU"


def _ms(seconds: float, number: int) -> str:
    return f"{seconds / number * 1000:.0f} ms"


def _table(title: str, rows: dict[str, tuple[Cost, str]], last: str) -> None:
    busy = f"load {os.getloadavg()[0]:.1f}"
    print("\n" + ROW.format(f"{title}, {busy}", "wall", "CPU", last))
    for name, (used, more) in rows.items():
        print(ROW.format(name, f"{used.wall:.2f} s", f"{used.cpu:.2f} s", more), flush=True)


PARTS = {part.__name__: part for part in (rollback, distance, growth, steps)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART", help=f"one of {', '.join(PARTS)}; all of them without")
    parser.add_argument("--runs", type=int, default=5, help="how often each is run; the medians are shown (5)")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}")
    print(f"medians of {given.runs} runs on {os.cpu_count()} cores")
    for name in given.parts:
        PARTS[name](given.runs)


if __name__ == "__main__":
    main()
