"""The control API: ship releases, break vendors, set latencies, look at everything."""

from __future__ import annotations

import inspect
import json
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.addresses import AWS, EDGE, SERVED, VENDORS, url
from sandbox.artifacts import KINDS
from sandbox.emulator import Refusal
from sandbox.flags.launchdarkly import FEATURE, SHOP_FEATURE, LaunchDarkly
from sandbox.misconfigured import CONFIGURATION, misconfigure
from sandbox.shop.database import BREAKS
from sandbox.state import Row
from sandbox.vercel import Vercel

if TYPE_CHECKING:
    from sandbox.server import Sandbox


class Mistake(Exception):
    """The control call makes no sense; the message says why."""


def about(sandbox: Sandbox, given: Row) -> Row:
    told = {"sandbox": "lastgood", "pid": os.getpid(), "state_dir": str(sandbox.state_dir)}
    return {**told, "ready": sandbox.ready, "aws": bool(sandbox.aws)}


def addresses(sandbox: Sandbox, given: Row) -> Row:
    """Where everything answers."""
    port = sandbox.port
    vendors = {emulator.name: url(port, VENDORS[emulator.name]) for emulator in sandbox.emulators if emulator.name in VENDORS}
    edge = {"aws": url(port, AWS)} | {name: url(port, offset) for name, offset in EDGE.items()} if sandbox.aws else {}
    served = {address: url(port, offset) for address, offset in SERVED.items()}
    database = {"postgres": sandbox.postgres.dsn} if sandbox.postgres else {}
    return {"control": url(port, 0), **vendors, **edge, **served, **database}


def state(sandbox: Sandbox, given: Row) -> Row:
    """Settings, both vendors' rows, steps to come, and what each address serves."""
    data = {key: value for key, value in sandbox.state.data.items() if key != "shop"}
    return data | {"serving": {address: asdict(sandbox.serving(address)) for address in SERVED}}


def shop(sandbox: Sandbox, given: Row) -> Row:
    """The last seconds of checkout attempts."""
    return sandbox.metrics.recent(float(given.get("seconds", 10)))


def calls(sandbox: Sandbox, given: Row) -> Row:
    """How many calls each vendor has had since the process began."""
    return {emulator.name: emulator.asked for emulator in sandbox.emulators}


def aws(sandbox: Sandbox, given: Row) -> Row:
    """What AWS was asked for (service, method, path), and why functions at its edge failed: their log."""
    return {"calls": list(sandbox.aws.calls), "failures": list(sandbox.aws.failures)} if sandbox.aws else {}


def ship(sandbox: Sandbox, given: Row) -> Row:
    kind = _one_of("kind", given, KINDS)
    return sandbox.emulator_of(given["target"]).ship(given["target"], kind, given.get("message", ""))


BY_NAME = (".http", ".rounding")
"""Latencies that are not steps of a vendor's work."""


def latency(sandbox: Sandbox, given: Row) -> Row:
    """Seconds by name; a vendor sets all of its steps, `vendors` those of every vendor; `*.http` and `*.rounding` go by name only."""
    known = sandbox.state.settings["latency"]
    for name, seconds in given.items():
        group = tuple(f"{e.name}." for e in sandbox.emulators if name in (e.name, "vendors"))
        names = [one for one in known if one == name or (one.startswith(group) and not one.endswith(BY_NAME))]
        if not names or float(seconds) < 0:
            raise Mistake(f"no latency {name}: {seconds}; known are {', '.join(known)}, a vendor, or vendors")
        known.update(dict.fromkeys(names, float(seconds)))
    return dict(known)


def rates(sandbox: Sandbox, given: Row) -> Row:
    """Rate limits `on`, in fresh windows, or off; or `bucket` (`render.deploy`; `render`: all of them), `limit` calls in `seconds`."""
    limits = sandbox.state.settings["limits"]
    if "on" in given:
        limits["enabled"] = bool(given["on"])
        for emulator in sandbox.emulators:
            emulator.open_windows()
    if "bucket" in given:
        known = [f"{emulator.name}.{name}" for emulator in sandbox.emulators for name in emulator.limits]
        names = [name for name in known if name.startswith(f"{given['bucket']}.")] or [_one_of("bucket", given, known)]
        limits["buckets"].update({name: [int(given["limit"]), float(given["seconds"])] for name in names})
    return dict(limits)


def plan(sandbox: Sandbox, given: Row) -> None:
    sandbox.emulator_of(given["target"]).set_plan(given["target"], _one_of("plan", given, ("hobby", "pro")))


def retention(sandbox: Sandbox, given: Row) -> None:
    sandbox.emulator_of(given["target"]).expire(given["target"], given["release"])


def stuck(sandbox: Sandbox, given: Row) -> list[str]:
    """`target` (or a vendor) accepts and never finishes, until it is set off again; then it goes on."""
    return _switch(sandbox, given, "stuck", "target")


def outage(sandbox: Sandbox, given: Row) -> list[str]:
    """`vendor` answers 503 to everything; what it serves goes on."""
    _one_of("vendor", given, [emulator.name for emulator in sandbox.emulators])
    return _switch(sandbox, given, "outage", "vendor")


def _switch(sandbox: Sandbox, given: Row, setting: str, key: str) -> list[str]:
    known = [e.name for e in sandbox.emulators] + [target for e in sandbox.emulators for target in e.targets()]
    name = _one_of(key, given, known)
    names: list[str] = sandbox.state.settings[setting]
    names[:] = sorted(set(names) - {name} | ({name} if given.get("on", True) else set()))
    sandbox.state.wake()
    return names


def fail(sandbox: Sandbox, given: Row) -> None:
    """The next `times` activations of `target` are accepted and then fail."""
    sandbox.emulator_of(given["target"])
    sandbox.state.settings["failing"][given["target"]] = int(given.get("times", 1))


def pin(sandbox: Sandbox, given: Row) -> None:
    """Alias `domain` by hand, to `release` or where it is, so that nothing else moves it; `on` false lets it go."""
    vercel = next(emulator for emulator in sandbox.emulators if isinstance(emulator, Vercel))
    domain = _one_of("domain", given, vercel.book.aliases)
    if given.get("on", True):
        vercel.pin(domain, given.get("release"))
    else:
        vercel.follow(domain)


async def remember(sandbox: Sandbox, given: Row) -> None:
    """Keep everything as it is now under `name`, as long as the process lives."""
    sandbox.state.keep(given["name"])
    if sandbox.kept:
        await sandbox.kept.keep(given["name"])
    for emulator in sandbox.emulators:
        emulator.keep(given["name"])


async def recall(sandbox: Sandbox, given: Row) -> None:
    """Everything as it was when it was remembered under `name`: much quicker than living through it again."""
    sandbox.state.put_back(given["name"])
    if sandbox.kept:
        await sandbox.kept.put_back(given["name"])
    for emulator in sandbox.emulators:
        emulator.forget(given["name"])


def load(sandbox: Sandbox, given: Row) -> None:
    """`rate` checkouts per second; 0 stops them."""
    sandbox.state.settings["load"] = max(0.0, float(given["rate"]))


def crowd(sandbox: Sandbox, given: Row) -> None:
    """`people` keep the API busy beside the shop's own customers: scaling it relieves them, going back does not."""
    sandbox.state.settings["crowd"] = max(0, int(given["people"]))


async def _reset(sandbox: Sandbox) -> None:
    sandbox.state.reset()
    for emulator in sandbox.emulators:
        emulator.forget()
    if sandbox.database and sandbox.kept:
        await sandbox.kept.forget()
        await sandbox.database.reset()


def _one_of(name: str, given: Row, known: Any) -> str:
    if given.get(name) not in known:
        raise Mistake(f"no {name} {given.get(name)!r}; known are {', '.join(known)}")
    return str(given[name])


def databases(sandbox: Sandbox, given: Row) -> None:
    """`server` is the address of a PostgreSQL server and of a role that may create databases: managed databases are real ones there."""
    sandbox.state.settings["databases"] = given["server"]


def documents(sandbox: Sandbox, given: Row) -> None:
    """`tables` are the documents of the Convex deployment from now on, by table."""
    sandbox.state.data["convex"]["deployment"]["tables"] = given["tables"]


def aws_fault(sandbox: Sandbox, given: Row) -> None:
    """The next `times` calls of `service` that the pattern `call` finds (method, path, X-Amz-Target) are refused with `code`."""
    fault = {"call": "", "times": 1, "status": 400, "code": "Throttling", "message": "Rate exceeded", **given}
    sandbox.state.data["aws"]["faults"].append(fault)


Control = Callable[["Sandbox", Row], Any]
READ: dict[str, Control] = {"addresses": addresses, "state": state, "shop": shop, "calls": calls, "aws": aws}
CHANGE: dict[str, Control] = {
    "ship": ship,
    "latency": latency,
    "rates": rates,
    "plan": plan,
    "retention": retention,
    "stuck": stuck,
    "outage": outage,
    "fail": fail,
    "pin": pin,
    "load": load,
    "crowd": crowd,
    "databases": databases,
    "documents": documents,
    "aws_fault": aws_fault,
    "remember": remember,
    "recall": recall,
}


def _feature_on(sandbox: Sandbox) -> Row:
    """Somebody switches a feature of the shop on before it is ready."""
    launchdarkly = next(emulator for emulator in sandbox.emulators if isinstance(emulator, LaunchDarkly))
    at = launchdarkly.switch_on(SHOP_FEATURE, "production")
    sandbox.state.run_due()
    sandbox.state.save()
    return {"at": at, "flag": SHOP_FEATURE}


@web.middleware
async def _named(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """What nobody foresaw is named in the answer, too: the log goes with the sandbox of a test."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as fault:
        logging.getLogger(__name__).exception(request.path)
        return web.json_response({"error": f"{type(fault).__name__}: {fault}"}, status=500)


def control_application(sandbox: Sandbox) -> web.Application:
    """`GET /` and `/<name>` for what can be read, `POST /<name>` with a JSON object for what can be changed."""

    def reading(function: Control) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.Response:
            return web.json_response(function(sandbox, dict(request.query)))

        return answer

    def changing(function: Control) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.Response:
            try:
                result = function(sandbox, json.loads(await request.text() or "{}"))
                result = await result if inspect.isawaitable(result) else result
            except (Mistake, Refusal, ValueError) as mistake:
                return web.json_response({"error": str(mistake)}, status=400)
            except KeyError as missing:
                return web.json_response({"error": f"unknown or missing: {missing}"}, status=400)
            sandbox.state.run_due()
            sandbox.state.save()
            return web.json_response(result)

        return answer

    async def reset(request: web.Request) -> web.Response:
        await _reset(sandbox)
        return web.json_response(None)

    async def metrics(request: web.Request) -> web.Response:
        return web.Response(body=sandbox.metrics.text(), content_type="text/plain", charset="utf-8")

    async def spoil(request: web.Request) -> web.Response:
        """`what` is broken: the shop's data by a job, its schema by a migration, or what somebody sets at a dashboard."""
        what = (await request.json()).get("what")
        if what == CONFIGURATION:
            return web.json_response(misconfigure(sandbox))
        if what == FEATURE:
            return web.json_response(_feature_on(sandbox))
        if sandbox.database is None or what not in BREAKS:
            known = ", ".join((*BREAKS, CONFIGURATION, FEATURE))
            return web.json_response({"error": f"no {what!r} to break; known are {known}"}, status=400)
        return web.json_response(await sandbox.database.spoil(what))

    app = web.Application(middlewares=[_named])
    app.router.add_get("/", reading(about))
    app.router.add_get("/metrics", metrics)
    app.router.add_post("/reset", reset)
    app.router.add_post("/break", spoil)
    for name, look in READ.items():
        app.router.add_get(f"/{name}", reading(look))
    for name, change in CHANGE.items():
        app.router.add_post(f"/{name}", changing(change))
    return app
