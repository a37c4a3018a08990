"""The sandbox process: opens the ports, plugs the emulators in, keeps the shop alive."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import signal
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING

import aiohttp
from aiohttp import web

from sandbox import seed
from sandbox.addresses import AWS, EDGE, HOST, POSTGRES, SERVED, STOREFRONT, VENDORS, url
from sandbox.artifacts import Serving
from sandbox.awx import Awx
from sandbox.control import control_application
from sandbox.convex import Convex
from sandbox.emulator import Emulator
from sandbox.flags.flagsmith import Flagsmith
from sandbox.flags.launchdarkly import CASH_ON_DELIVERY, SHOP_FEATURE, LaunchDarkly
from sandbox.heroku import Heroku
from sandbox.neon import Neon
from sandbox.netlify import Netlify
from sandbox.postgres import Postgres
from sandbox.railway import Railway
from sandbox.render import Render
from sandbox.shop.api import Api
from sandbox.shop.database import Database
from sandbox.shop.kept import Kept
from sandbox.shop.load import Customers, overload
from sandbox.shop.metrics import Metrics
from sandbox.shop.payments import add_payments
from sandbox.shop.site import Site
from sandbox.shop.storefront import add_page, add_storefront
from sandbox.slack import Slack
from sandbox.state import Row, State
from sandbox.stripe import Stripe
from sandbox.telling.better_stack import BetterStack
from sandbox.telling.instatus import Instatus
from sandbox.telling.pagerduty import PagerDuty
from sandbox.telling.statuspage import Statuspage
from sandbox.vercel import Vercel

if TYPE_CHECKING:
    from sandbox.aws import Aws

EMULATORS: tuple[type[Emulator], ...] = (
    *(Vercel, Render, Netlify, Heroku, Railway, Convex, LaunchDarkly, Flagsmith, Neon),
    *(Slack, Statuspage, Instatus, BetterStack, PagerDuty),
    Stripe,
    Awx,
)


def latencies(vendors: tuple[type[Emulator], ...] = EMULATORS) -> Row:
    """Seconds that each vendor's steps take on a fresh sandbox."""
    return {f"{vendor.name}.{step}": seconds for vendor in vendors for step, seconds in vendor.latencies.items()}


def _vendors(with_aws: bool) -> tuple[type[Emulator], ...]:
    """AWS needs packages of the tests, and is only there when it is asked for."""
    if not with_aws:
        return EMULATORS
    missing = [package for package in ("boto3", "hypercorn", "ministack", "moto") if find_spec(package) is None]
    if missing:
        raise SandboxError(f"AWS in the sandbox needs {', '.join(missing)}: run scripts/setup --dev")
    from sandbox.aws import Aws

    return (*EMULATORS, Aws)


class SandboxError(Exception):
    """The sandbox cannot run; the message says why and what to do."""


class Sandbox:
    """All of it, on the ports from `port` on, remembered in `state_dir`."""

    def __init__(self, state_dir: Path, port: int, with_postgres: bool = True, with_aws: bool = False) -> None:
        self.port, self.state_dir = port, state_dir
        self.ready = False
        vendors = _vendors(with_aws)
        self.state = State(state_dir / "state.json", lambda: seed.history(vendors), latencies(vendors))
        self.emulators: list[Emulator] = [vendor(self.state) for vendor in EMULATORS]
        self.aws = self._aws(vendors[-1]) if with_aws else None
        self.metrics = Metrics()
        self.postgres = Postgres(state_dir, port + POSTGRES) if with_postgres else None
        self.database = Database(self.postgres.dsn) if self.postgres else None
        if self.database:
            self.metrics.pool(self.database.in_use)
        self.kept = Kept(self.postgres.dsn) if self.postgres else None
        self._runners: list[web.AppRunner] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._lock = _lock(state_dir)

    def _aws(self, vendor: type[Emulator]) -> Aws:
        made: Aws = vendor(self.state, self.port, self.state_dir)  # type: ignore[call-arg,assignment]
        self.emulators.append(made)
        return made

    def emulator_of(self, target: str) -> Emulator:
        """The vendor where this target lives; raises KeyError."""
        for emulator in self.emulators:
            if target in emulator.targets():
                return emulator
        raise KeyError(target)

    def serving(self, address: str) -> Serving:
        """What this address serves now."""
        return self._serves(address).serving(address)

    def _serves(self, address: str) -> Emulator:
        return next(emulator for emulator in self.emulators if address in emulator.served)

    async def start(self) -> None:
        """Open everything; returns when everything answers."""
        self._client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        await self._open(0, control_application(self))
        for emulator in self.emulators:
            await self._open({**VENDORS, "aws": AWS}[emulator.name], emulator.application())
        if self.aws:
            await asyncio.to_thread(self.aws.start)
            for name, edge in self.aws.edges().items():
                await self._open(EDGE[name], edge)
        for address in SERVED:
            await self._open(SERVED[address], self._site(address).app)
        if self.postgres and self.database:
            await asyncio.to_thread(self.postgres.start)
            await self.database.open()
        self._tasks = [asyncio.create_task(self.state.keep_time()), asyncio.create_task(self._customers())]
        self.state.save()
        self.ready = True

    async def _open(self, offset: int, app: web.Application) -> None:
        as_sent = offset == AWS or offset in EDGE.values()  # what is sent there may be stored, in the encoding that it came in
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, auto_decompress=not as_sent)
        await runner.setup()
        self._runners.append(runner)
        try:
            await web.TCPSite(runner, HOST, self.port + offset).start()
        except OSError as problem:
            raise SandboxError(
                f"port {self.port + offset} is taken by another program; "
                f"set LASTGOOD_SANDBOX_PORT to move the sandbox elsewhere ({problem.strerror})"
            ) from None

    def _site(self, address: str) -> Site:
        site = Site(self.metrics, lambda: self._serves(address).answering(address), self._delay)
        api, payments = url(self.port, SERVED["api"]), url(self.port, SERVED["payments"])
        cash: Callable[[], bool] = lambda: self._is_on(CASH_ON_DELIVERY)  # noqa: E731
        if address == "api":
            key: Callable[[], str] = lambda: self.state.data["shop"]["token_key"]  # noqa: E731
            Api(site, self.metrics, payments, self._client, self.database, key, cash)
        elif address == "payments":
            add_payments(site, url(self.port, VENDORS["stripe"]), self._client)
        elif address in STOREFRONT:
            add_storefront(site, api, self._client, lambda: self._is_on(SHOP_FEATURE), cash)
        else:
            add_page(site, address)
        return site

    def _delay(self, serving: Serving) -> float:
        """Seconds that an answer comes late: the release is slow, or more people crowd the API than its instances bear."""
        waits = float(serving.behaviour.slow)
        if serving.service == "api":
            waits += overload(self.state.settings["crowd"], serving.instances)
        return waits * self.state.latency("shop.slow")

    def _is_on(self, flag: str) -> bool:
        """What LaunchDarkly has given the shop's SDK."""
        return bool(self.state.data[LaunchDarkly.name]["delivered"]["production"]["flags"].get(flag, {}).get("on"))

    async def _customers(self) -> None:
        offsets = EDGE.values() if self.aws else [SERVED[domain] for domain in STOREFRONT]
        storefronts = [url(self.port, offset) for offset in offsets]

        def rate() -> float:
            return self.state.settings["load"] if self.database else 0.0

        pictures = self.aws.pictures if self.aws else None
        await Customers(storefronts, url(self.port, SERVED["api"]), self.metrics, self._client, rate, pictures).keep_coming()

    async def stop(self) -> None:
        """Close everything, PostgreSQL last."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for runner in self._runners:
            await runner.cleanup()
        await self._client.close()
        if self.aws:
            await asyncio.to_thread(self.aws.stop)
        if self.postgres and self.database:
            await self.database.close()
            await asyncio.to_thread(self.postgres.stop)


def _lock(state_dir: Path) -> IO[str]:
    """Held as long as the process lives: one sandbox for a state directory."""
    state_dir.mkdir(parents=True, exist_ok=True)
    lock = (state_dir / "lock").open("w")
    for _ in range(5):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.02)  # whoever asks whether one runs holds it for an instant too
        else:
            return lock
    raise SandboxError(f"a sandbox already runs on the state in {state_dir}")


async def serve(sandbox: Sandbox, on_ready: Callable[[], None]) -> None:
    """Run until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        await sandbox.start()
        on_ready()
        await ended.wait()
    finally:
        with contextlib.suppress(Exception):
            await sandbox.stop()
