"""A sandbox with as many targets as are asked for, and what breaks all of them at once."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from sandbox import seed
from sandbox.render import Render
from sandbox.server import EMULATORS, latencies
from sandbox.state import program, settings
from sandbox.testing import Box, running
from sandbox.vercel import Vercel
from tests.bench.measuring import ROOT

Row = dict[str, Any]
FRONTENDS, BACKENDS = ("storefront", "backoffice"), ("api", "payments")
PATIENCE = 30
"""Seconds that the vendors may take to serve what was shipped."""


@dataclass(frozen=True)
class Fleet:
    """Half of the targets are frontends at Vercel, half are backends at Render."""

    box: Box
    inventory: list[str]
    """The arguments that name it."""
    frontends: tuple[str, ...]
    backends: tuple[str, ...]
    folder: Path

    @property
    def targets(self) -> tuple[str, ...]:
        return self.frontends + self.backends

    @property
    def environment(self) -> dict[str, str]:
        return {"LASTGOOD_SANDBOX_PORT": str(self.box.port)}

    def store(self) -> Path:
        """A new, empty incident store."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def break_everything(self) -> None:
        """Whatever was before, every target gets a good release, and then one that breaks checkout."""
        for target in self.frontends:
            project = f"{self.box.vendor_url('vercel')}/v9/projects/{target}?slug=lastgood"
            _patch(project, Vercel.tokens[0], {"autoAssignCustomDomains": True})
        for target in self.backends:
            _patch(f"{self.box.vendor_url('render')}/v1/services/srv-{target}", Render.tokens[0], {"autoDeploy": "yes"})
        for kind in ("good", "breaks-checkout"):
            for target in self.targets:
                self.box.ship(target, kind)
            deadline = time.monotonic() + PATIENCE
            while self.box.state()["schedule"]:
                assert time.monotonic() < deadline, f"the sandbox does not serve what was shipped: {kind}"
                time.sleep(0.02)


@contextlib.contextmanager
def fleet(size: int, seconds: float = 0) -> Iterator[Fleet]:
    """A running sandbox with `size` targets, four or more: the shop's own, and copies of them that serve no address.

    Every call to a vendor is answered after `seconds`, and what was asked for is done at once. No limits, no customers.
    """
    more = range(2, size // 4 + 2)
    frontends = (FRONTENDS + tuple(f"{name}-{n}" for n in more for name in FRONTENDS))[: size - size // 2]
    backends = (BACKENDS + tuple(f"{name}-{n}" for n in more for name in BACKENDS))[: size // 2]
    with tempfile.TemporaryDirectory(prefix="lastgood-bench-") as name:
        folder = Path(name)
        state, hosts = folder / "sandbox", folder / "more.yml"
        state.mkdir()
        (state / "state.json").write_text(json.dumps(_history(frontends[2:], backends[2:])))
        hosts.write_text(yaml.safe_dump(_inventory(frontends[2:], backends[2:])))
        inventory = ["-i", str(ROOT / "inventories/sandbox"), "-i", str(hosts)]
        with running(state_dir=state) as box:
            box.set_latency(**{"vercel.http": seconds, "render.http": seconds})
            yield Fleet(box, inventory, frontends, backends, folder)


def _inventory(frontends: tuple[str, ...], backends: tuple[str, ...]) -> Row:
    projects = {name: _host("vercel", "project", name) for name in frontends}
    services = {name: _host("render", "service", f"srv-{name}") for name in backends}
    return {"all": {"children": {"frontend": {"hosts": projects}, "backend": {"hosts": services}}}}


def _host(vendor: str, option: str, value: str) -> Row:
    return {"provider": vendor, "service": f"{{{{ {vendor} | combine({{'{option}': '{value}'}}) }}}}", "reach": {vendor: [value]}}


def _history(frontends: tuple[str, ...], backends: tuple[str, ...]) -> Row:
    """The sandbox's seeded state, and in it the copies under ids of their own."""
    state: Row = {"program": program(), "settings": settings(latencies()), "schedule": [], **seed.history(EMULATORS)}
    projects, deployments = state["vercel"]["projects"], state["vercel"]["deployments"]
    for name in frontends:
        original, number = name.split("-")
        project = _renamed(projects[f"prj_{original}"], number) | {"id": f"prj_{name}", "name": name, "domains": []}
        projects[project["id"]] = project
        for old, row in list(deployments.items()):
            if row["projectId"] == f"prj_{original}":
                deployments[f"{old}{number}"] = copy.deepcopy(row) | {"id": f"{old}{number}", "projectId": project["id"]}
    services, deploys = state["render"]["services"], state["render"]["deploys"]
    for name in backends:
        original, number = name.split("-")
        services[f"srv-{name}"] = copy.deepcopy(services[f"srv-{original}"]) | {"id": f"srv-{name}", "name": name, "slug": name}
        for old, row in list(deploys.items()):
            if row["serviceId"] == f"srv-{original}":
                deploys[f"{old}{number}"] = copy.deepcopy(row) | {"id": f"{old}{number}", "serviceId": f"srv-{name}"}
    return state


def _renamed(project: Row, number: str) -> Row:
    served = [f"{deployment}{number}" for deployment in project["served"]]
    return copy.deepcopy(project) | {"served": served, "production": served[-1]}


def _patch(url: str, token: str, body: Row) -> None:
    requests.patch(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE).raise_for_status()
