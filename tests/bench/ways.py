"""The ways to roll a fleet back, or to look at it: the playbook, a bare script, the vendors' command lines."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox.render import Render
from sandbox.vercel import Vercel
from tests.bench.fleet import Fleet
from tests.bench.measuring import Cost, cost
from tests.vendor_clients import Unavailable, installed

HERE = Path(__file__).parent
ANSIBLE_PLAYBOOK = str(Path(sys.executable).with_name("ansible-playbook"))
CLI = "vercel@60.1.3"


def playbook(fleet: Fleet, name: str, *arguments: str, **environment: str) -> Cost:
    return cost([ANSIBLE_PLAYBOOK, name, *fleet.inventory, *arguments], fleet.environment | environment)


def empty(fleet: Fleet) -> Cost:
    """Ansible's own start: a play over the same targets without a task."""
    return playbook(fleet, str(HERE / "empty.yml"))


def plan(fleet: Fleet) -> Cost:
    fleet.break_everything()
    return playbook(fleet, "rollback-checkout.yml", "--check", "--diff", "-e", f"incident_store={fleet.store()}")


def rollback(fleet: Fleet) -> Cost:
    """From the command to the report, every target rolled back."""
    fleet.break_everything()
    return playbook(fleet, "rollback-checkout.yml", "-e", f"incident_store={fleet.store()} severity=P0")


def bare_script(fleet: Fleet) -> Cost:
    """What somebody would write in half an hour: no plan, no lock, no journal, no report, one target after the other."""
    fleet.break_everything()
    return cost([sys.executable, str(HERE / "bare_script.py"), str(fleet.box.port), *fleet.targets])


def same_calls(fleet: Fleet) -> Cost:
    """The playbook's own functions and calls, without Ansible around them, one target after the other."""
    fleet.break_everything()
    return cost([sys.executable, str(HERE / "same_calls.py"), str(fleet.box.port), *fleet.targets])


def idle_steps(fleet: Fleet) -> Cost:
    """What Ansible itself takes for as many steps."""
    return playbook(fleet, str(HERE / "idle_steps.yml"))


def steps_in_process(fleet: Fleet) -> Cost:
    return playbook(fleet, str(HERE / "steps.yml"))


def steps_as_module(fleet: Fleet) -> Cost:
    """The same steps where the target is not the controller, so that the modules are shipped to it."""
    elsewhere = {"ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connection"), "ANSIBLE_PIPELINING": "1"}
    return playbook(fleet, str(HERE / "steps.yml"), "-e", "ansible_connection=elsewhere", **elsewhere)


def command_lines() -> Callable[[Fleet], Cost]:
    """Vercel's own command for each project, then what Render documents for its API, as Render's CLI cannot roll back."""
    if not shutil.which("curl"):
        raise Unavailable("curl is not installed")
    cli = str(installed(CLI, "vercel"))
    quiet = {"VERCEL_TELEMETRY_DISABLED": "1", "NO_UPDATE_NOTIFIER": "1", "CI": "1"}

    def roll_back(fleet: Fleet) -> Cost:
        fleet.break_everything()
        projects, used = fleet.box.state()["vercel"]["projects"], Cost(0, 0)
        told = ["--api", fleet.box.vendor_url("vercel"), "--token", Vercel.tokens[1], "--scope", "lastgood", "--non-interactive", "--yes"]
        for target in fleet.frontends:
            before = projects[f"prj_{target}"]["served"][-2]
            used += cost([cli, "rollback", before, "--timeout", "30s", *told], quiet | {"HOME": str(fleet.folder)}, fleet.folder)
        for target in fleet.backends:
            used += cost([str(HERE / "render_rollback"), f"{fleet.box.vendor_url('render')}/v1/services/srv-{target}", Render.tokens[0]])
        return used

    return roll_back
