"""Measures the plan of 20 targets at five vendors: `python -m tests.bench.plan`. The aim is 5 s."""

from __future__ import annotations

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path

import yaml

from sandbox.testing import Box, running
from tests.bench.measuring import ROOT, Cost, alternately, cost
from tests.bench.ways import ANSIBLE_PLAYBOOK, HERE

EACH = 4
"""Hosts at each vendor. Several of them are the same service: looking changes nothing, and is as much work."""
SERVICES = {
    "vercel": ("frontend", "project", ("storefront", "backoffice")),
    "netlify": ("frontend", "site", ("b10c0de0-5a1e-4b1e-8f00-d0f00db109ed",)),
    "render": ("backend", "service", ("srv-api", "srv-payments")),
    "railway": ("backend", "service", ("7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43",)),
    "heroku": ("backend", "app", ("accounts",)),
}
SECONDS_PER_CALL = 0.1


def inventory(folder: Path) -> list[str]:
    """20 targets in two tiers, each of the backends needed by a frontend, on top of the sandbox's variables."""
    hosts: dict[str, dict[str, object]] = {"frontend": {}, "backend": {}}
    for vendor, (tier, option, services) in SERVICES.items():
        for number in range(EACH):
            service = f"{{{{ {vendor} | combine({{'{option}': '{services[number % len(services)]}'}}) }}}}"
            row: dict[str, object] = {"provider": vendor, "service": service, "tier": tier}
            hosts[tier][f"{vendor}-{number}"] = row | ({"depends_on": [f"render-{number}"]} if tier == "frontend" else {})
    path = folder / "fleet" / "hosts.yml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({"all": {"children": {tier: {"hosts": rows} for tier, rows in hosts.items()}}}))
    (path.parent / "group_vars").mkdir()
    for name in ("all", "frontend.yml", "backend.yml"):
        (path.parent / "group_vars" / name).symlink_to(ROOT / "inventories/sandbox/group_vars" / name)
    return ["-i", str(path)]


def check(box: Box, arguments: list[str], name: str, folder: Path, *more: str) -> Cost:
    environment = {"LASTGOOD_SANDBOX_PORT": str(box.port), "XDG_CACHE_HOME": str(folder / "cache")}
    store = tempfile.mkdtemp(dir=folder)
    return cost([ANSIBLE_PLAYBOOK, name, *arguments, *more, "-e", f"incident_store={store} sandbox_home={ROOT}"], environment)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.plan", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how often each is run; the medians are shown (5)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="lastgood-bench-") as name:
        folder = Path(name)
        arguments = inventory(folder)
        with running() as box:
            for target in ("storefront", "api", "accounts", "stock"):
                box.ship(target, "breaks-checkout")
            for seconds in (0.0, SECONDS_PER_CALL):
                box.set_latency(vendors=0, **{f"{vendor}.http": seconds for vendor in SERVICES})
                plan = partial(check, box, arguments, "rollback-checkout.yml", folder, "--check", "--diff")
                empty = partial(check, box, arguments, str(HERE / "empty.yml"), folder)
                costs = alternately(runs, {"plan (--check --diff)": plan, "empty play": empty})
                busy = f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores"
                print(f"{EACH * len(SERVICES)} targets, {seconds * 1000:.0f} ms a call, {busy}")
                for what, used in costs.items():
                    print(f"  {what:<24} {used.wall:6.2f} s  {used.cpu:6.2f} s CPU", flush=True)


if __name__ == "__main__":
    main()
