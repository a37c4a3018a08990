"""Measures an organisation of 200 targets: `python -m tests.bench.scale`. What it came to is in docs/scale.md."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tests.bench import ways
from tests.bench.fleet import Fleet, fleet
from tests.bench.measuring import Cost, alternately
from tests.bench.memory import most_memory

SIZES, EACH, ENVIRONMENTS, FORKS = (20, 50, 100, 200), 20, (1, 5, 10), (5, 20, 50)
SECONDS_PER_CALL = 0.1
PLAN, ROLLBACK, REPORT, EMPTY = "plan (--check --diff)", "rollback-checkout.yml", "report.yml", "empty play"
ROW = "{:<48} {:>9} {:>9} {:>8} {:>8} {:>6}"
Way = Callable[[], Cost]


@dataclass(frozen=True)
class Place:
    """One environment of the organisation, with every target broken."""

    name: str
    fleet: Fleet

    def broken(self) -> None:
        """As it was when everything had just been broken, which is quicker than breaking it again."""
        self.fleet.box.control("recall", name="broken")

    def calls(self) -> int:
        """What its vendors were asked so far."""
        calls: dict[str, int] = self.fleet.box.read("calls")
        return sum(calls.values())

    def run(self, name: str, store: Path, *arguments: str) -> Cost:
        before = self.calls()
        extra = f"incident_store={store} environment_name={self.name} severity=P0"
        used = ways.playbook(self.fleet, name, *arguments, "-e", extra)
        return replace(used, calls=self.calls() - before)

    def plan(self, store: Path, *arguments: str) -> Cost:
        return self.run(ROLLBACK, store, "--check", "--diff", *arguments)

    def roll_back(self, store: Path, *arguments: str) -> Cost:
        self.broken()
        return self.run(ROLLBACK, store, *arguments)


@contextlib.contextmanager
def place(number: int, size: int, seconds: float = 0) -> Iterator[Place]:
    with fleet(size, seconds) as one:
        one.break_everything()
        one.box.control("remember", name="broken")
        yield Place(f"environment-{number}", one)


def targets(runs: int, sizes: tuple[int, ...]) -> None:
    """One environment of ever more targets: its plan, its rollback, and the report of that."""
    for size in sizes:
        with place(1, size) as one:
            kept = one.fleet.store()
            _table(
                f"{size} targets in one environment",
                runs,
                {
                    EMPTY: partial(ways.empty, one.fleet),
                    PLAN: partial(_anew, one, one.plan),
                    ROLLBACK: partial(_anew, one, one.roll_back, kept),
                    REPORT: partial(one.run, "playbooks/report.yml", kept),
                },
            )


def forks(runs: int, sizes: tuple[int, ...]) -> None:
    """More and fewer targets at a time, at vendors that take as long for an answer as they do over the internet."""
    for size in sizes:
        with place(1, size, SECONDS_PER_CALL) as one:
            at_a_time: dict[str, Way] = {
                f"{ROLLBACK}, {number} forks": partial(_forked, one, number) for number in FORKS if number <= size
            }
            _table(f"{size} targets, {SECONDS_PER_CALL * 1000:.0f} ms a call", runs, at_a_time)


def environments(runs: int, sizes: tuple[int, ...]) -> None:
    """Environments of as many targets each: one after the other, side by side, and what all of it looks like afterwards."""
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(place(number, EACH)) for number in range(1, max(sizes) + 1)]
        for number in sizes:
            some, store = places[:number], places[0].fleet.store()
            _table(
                f"{number} environments of {EACH} targets",
                runs,
                {
                    f"{PLAN}, one after the other": partial(_each, some, "plan", 1),
                    f"{PLAN}, side by side": partial(_each, some, "plan", number),
                    f"{ROLLBACK}, one after the other": partial(_each, some, "roll_back", 1),
                    f"{ROLLBACK}, side by side": partial(_each, some, "roll_back", number, store),
                    f"{REPORT} of the last of these": partial(some[0].run, "playbooks/report.yml", store),
                },
            )


def _each(places: list[Place], what: str, at_once: int, store: Path | None = None) -> Cost:
    """All of them in one store; the wall clock is that of the whole."""
    kept = store or places[0].fleet.store()
    for one in places:
        one.broken()
    began = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        costs = list(pool.map(lambda one: getattr(one, what)(kept), places))
    return replace(sum(costs, Cost(0, 0)), wall=time.monotonic() - began)


def _anew(one: Place, what: Callable[[Path], Cost], kept: Path | None = None) -> Cost:
    """In a store of its own, or first in the one that is kept."""
    one.broken()
    return what(kept if kept and not any(kept.iterdir()) else one.fleet.store())


def _forked(one: Place, number: int) -> Cost:
    return one.roll_back(one.fleet.store(), "--forks", str(number))


def _table(title: str, runs: int, measured: dict[str, Way]) -> None:
    costs = alternately(runs, {what: partial(_remembering, way) for what, way in measured.items()})
    print("\n" + ROW.format(f"{title}, load {os.getloadavg()[0]:.1f}", "wall", "CPU", "largest", "all", "calls"))
    for what, used in costs.items():
        seconds = (f"{used.wall:.2f} s", f"{used.cpu:.2f} s")
        print(ROW.format(what, *seconds, f"{used.largest:.0f} MB", f"{used.together:.0f} MB", f"{used.calls:.0f}"), flush=True)


def _remembering(way: Way) -> Cost:
    used, together = most_memory(way)
    return replace(used, together=together)


PARTS = {"targets": (targets, SIZES), "forks": (forks, (SIZES[1],)), "environments": (environments, ENVIRONMENTS)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART", help=f"one of {', '.join(PARTS)}; all of them without")
    parser.add_argument("--runs", type=int, default=3, help="how often each is run; the medians are shown (3)")
    parser.add_argument("--sizes", type=int, nargs="+", help="other numbers of targets, or of environments")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"no part is called {', '.join(unknown)}")
    print(f"medians of {given.runs} runs on {os.cpu_count()} cores; memory is looked at once a second", flush=True)
    for name in given.parts:
        part, sizes = PARTS[name]
        part(given.runs, tuple(given.sizes or sizes))


if __name__ == "__main__":
    main()
