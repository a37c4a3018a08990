"""The command line: `python -m sandbox start`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from sandbox import daemon
from sandbox.addresses import base_port
from sandbox.artifacts import KINDS
from sandbox.client import Client, ControlError

ROOT = Path(__file__).resolve().parent.parent


def _absolute(path: str) -> Path:
    return Path(path).resolve()


def state_directory() -> Path:
    """LASTGOOD_SANDBOX_STATE, or `.sandbox` in the checkout."""
    return Path(os.environ.get("LASTGOOD_SANDBOX_STATE", ROOT / ".sandbox")).resolve()


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    main = argparse.ArgumentParser(prog="python -m sandbox", description="Emulated vendors and a living shop.")
    main.add_argument("--port", type=int, default=base_port(), help="base port (LASTGOOD_SANDBOX_PORT)")
    where = "state directory (LASTGOOD_SANDBOX_STATE)"
    main.add_argument("--state", type=_absolute, default=state_directory(), help=where)
    commands = main.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, about: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=about, description=about)

    run = command("run", "run in the foreground")
    run.add_argument("--no-postgres", action="store_true", help="without the shop's database")
    run.add_argument("--port", type=int, default=argparse.SUPPRESS)
    run.add_argument("--state", type=_absolute, default=argparse.SUPPRESS)
    run.add_argument("--load", type=float, help="checkouts per second, instead of what was set before")
    run.add_argument("--aws", action="store_true", help="with AWS and an edge in front of the shop")
    start = command("start", "run in the background; returns when everything answers")
    start.add_argument("--aws", action="store_true", help="with AWS and an edge in front of the shop")
    stop = command("stop", "stop, PostgreSQL too")
    stop.add_argument("--delete", action="store_true", help="forget all state as well")
    command("status", "show what is served where, and how the shop fares")
    command("state", "show all state as JSON")
    command("reset", "back to the seeded history")
    wait = command("wait", "wait until the shop's own error rate shows a fault, or shows none")
    wait.add_argument("until", choices=["broken", "healthy"])
    wait.add_argument("--seconds", type=float, default=60, help="give up after this long")
    ship = command("ship", "push a release")
    ship.add_argument("target")
    ship.add_argument("kind", choices=KINDS)
    ship.add_argument("--message", default="", help="commit message")
    spoil = command("break", "break the shop: its data by a job, its schema by a migration, or what somebody sets by hand")
    spoil.add_argument("what", help="data, slow-query, configuration, feature, or one of the migrations that shop/migrations has")
    latency = command("latency", "set a latency: a name (vercel.settle), a vendor, or `vendors`")
    latency.add_argument("name")
    latency.add_argument("seconds", type=float)
    rates = command("rates", "switch rate limits, or set one: rates render.deploy 10 60")
    rates.add_argument("what", help="on, off, or a bucket")
    rates.add_argument("limit", nargs="?", type=int)
    rates.add_argument("seconds", nargs="?", type=float, default=60.0)
    plan = command("plan", "put a target on a plan")
    plan.add_argument("target")
    plan.add_argument("plan", choices=["hobby", "pro"])
    retention = command("retention", "lose a release as the vendor's retention would")
    retention.add_argument("target")
    retention.add_argument("release")
    fail = command("fail", "let the next activations of a target fail after they were accepted")
    fail.add_argument("target")
    fail.add_argument("times", nargs="?", type=int, default=1)
    pin = command("pin", "alias a domain by hand, so that neither a push nor a rollback moves it; or let it go")
    pin.add_argument("domain")
    pin.add_argument("release", nargs="?", help="a deployment, `off`, or nothing for where it is now")
    for name, what, about in (
        ("stuck", "target", "accept everything and never finish"),
        ("outage", "vendor", "answer 503 to everything"),
    ):
        switch = command(name, about)
        switch.add_argument(what)
        switch.add_argument("on", choices=["on", "off"], nargs="?", default="on")
    load = command("load", "set the customers' rate")
    load.add_argument("rate", type=float, help="checkouts per second")
    crowd = command("crowd", "keep the API busy: its two instances bear 100 people, and answer late when there are more")
    crowd.add_argument("people", type=int, help="0 for none")
    return main


def main() -> int:
    """Run one command; the exit status."""
    given = vars(parser().parse_args())
    command, port, state = given.pop("command"), given.pop("port"), given.pop("state")
    client = Client(port)
    try:
        match command:
            case "run":
                return daemon.run(state, port, not given["no_postgres"], given["load"], given["aws"])
            case "start":
                daemon.start(state, port, given["aws"])
                print(daemon.summary(client))
            case "stop":
                print(daemon.stop(state, delete=given["delete"]))
            case "status":
                print(daemon.summary(client))
            case "state":
                print(json.dumps(client.state(), indent=2))
            case "wait":
                print(daemon.wait(client, given["until"], given["seconds"]))
            case "latency":
                client.control("latency", **{given["name"]: given["seconds"]})
            case "rates" if given["limit"] is None:
                client.control("rates", on=given["what"] == "on")
            case "rates":
                client.control("rates", bucket=given["what"], limit=given["limit"], seconds=given["seconds"])
            case "stuck" | "outage":
                client.control(command, **given | {"on": given["on"] == "on"})
            case "pin" if given["release"] == "off":
                client.control("pin", domain=given["domain"], on=False)
            case _:
                result = client.control(command, **given)
                print(json.dumps(result) if result is not None else "done")
    except (ControlError, daemon.DaemonError) as problem:
        print(f"sandbox: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
