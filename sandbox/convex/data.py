"""The data of the deployment as `convex export` and `convex import` move it: a ZIP with one line of JSON for each document."""

from __future__ import annotations

import base64
import io
import json
import re
import secrets
import struct
import time
import zipfile
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.convex import Convex

LOOKS = 0.02
"""Seconds between two looks at what a client has subscribed to."""
DOCUMENTS = re.compile(r"(?P<table>[^_/][^/]*)/documents\.jsonl")


def attach(convex: Convex, app: web.Application) -> None:
    """Bodies that are no JSON, and a socket: not for the gate of the other routes."""
    app.router.add_post("/api/export/request/zip", _guarded(convex, _request_export))
    app.router.add_get("/api/export/zip/{at}", _guarded(convex, _download))
    app.router.add_post("/api/import/start_upload", _guarded(convex, _start_upload))
    app.router.add_post("/api/import/upload_part", _guarded(convex, _upload_part))
    app.router.add_post("/api/import/finish_upload", _guarded(convex, _finish_upload))
    app.router.add_post("/api/perform_import", _guarded(convex, _perform))
    app.router.add_get("/api/{version}/sync", lambda request: _Socket(convex, request).serve())


def imports(convex: Convex) -> list[Row]:
    return [{"state": _import_state(convex, one)} for one in convex.book.deployment["imports"].values()]


def _guarded(convex: Convex, handler: Any) -> Any:
    async def answer(request: web.Request) -> web.StreamResponse:
        key = request.headers.get("Authorization", "").removeprefix("Convex ")
        if convex.name in convex.state.settings["outage"]:
            return web.json_response({"code": "ServiceUnavailable", "message": "Service Unavailable"}, status=503)
        if key not in convex.tokens:
            return web.json_response({"code": "BadAdminKey", "message": "The provided admin key was invalid"}, status=401)
        answered: web.StreamResponse = await handler(convex, request)
        convex.state.save()
        return answered

    return answer


async def _request_export(convex: Convex, request: web.Request) -> web.Response:
    deployment = convex.book.deployment
    if (_export_state(convex) or {"state": "completed"})["state"] != "completed":
        return web.json_response({"code": "ExportInProgress", "message": "There is already an export requested or in progress"}, status=400)
    deployment["export"] = {"at": time.time_ns(), "tables": json.loads(json.dumps(deployment["tables"]))}
    return web.Response()


async def _download(convex: Convex, request: web.Request) -> web.Response:
    export = convex.book.deployment["export"]
    if not export or str(export["at"]) != request.match_info["at"]:
        return web.json_response({"code": "ExportNotFound", "message": "no such export"}, status=404)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        names = [{"name": name, "id": 10001 + number} for number, name in enumerate(export["tables"])]
        archive.writestr("README.md", "# Welcome to your Convex snapshot export!\n")
        archive.writestr("_tables/documents.jsonl", _lines(names))
        archive.writestr("_storage/documents.jsonl", "")
        for name, rows in export["tables"].items():
            archive.writestr(f"{name}/documents.jsonl", _lines(rows))
            archive.writestr(f"{name}/generated_schema.jsonl", '"any"\n')
    headers = {"Content-Disposition": f"attachment; filename=snapshot_{export['at']}.zip", "Content-Type": "application/zip"}
    return web.Response(body=packed.getvalue(), headers=headers)


async def _start_upload(convex: Convex, request: web.Request) -> web.Response:
    token = secrets.token_hex(8)
    convex.uploads[token] = {}
    return web.json_response({"uploadToken": token})


async def _upload_part(convex: Convex, request: web.Request) -> web.Response:
    number = request.query["partNumber"]
    convex.uploads[request.query["uploadToken"]][int(number)] = await request.read()
    return web.json_response(f"part-{number}")


async def _finish_upload(convex: Convex, request: web.Request) -> web.Response:
    sent = await request.json()
    parts = convex.uploads.pop(sent["uploadToken"])
    content = b"".join(parts[number] for number in sorted(parts))
    id = secrets.token_hex(8)
    one: Row = {"mode": sent["import"]["mode"], "tables": {}, "error": "", "performed": 0.0, "done": False}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                if found := DOCUMENTS.fullmatch(name):
                    one["tables"][found["table"]] = [json.loads(line) for line in archive.read(name).splitlines()]
    except (zipfile.BadZipFile, ValueError) as problem:
        one["error"] = f"invalid ZIP: {problem}"
    convex.book.deployment["imports"][id] = one
    return web.json_response({"importId": id})


async def _perform(convex: Convex, request: web.Request) -> web.Response:
    convex.book.deployment["imports"][(await request.json())["importId"]]["performed"] = time.time()
    return web.json_response({})


def _export_state(convex: Convex) -> Row | None:
    export = convex.book.deployment["export"]
    if not export:
        return None
    if time.time() < export["at"] / 1e9 + convex.state.latency("convex.export"):
        return {"state": "in_progress"}
    at = _integer(export["at"])
    return {"state": "completed", "start_ts": at, "complete_ts": at, "zip_object_key": "snapshot"}


def _import_state(convex: Convex, one: Row) -> Row:
    """Atomic: nothing of it is seen before all of it is."""
    if one["error"]:
        return {"state": "failed", "error_message": one["error"]}
    if not one["performed"]:
        return {"state": "waiting_for_confirmation", "message_to_confirm": "Import change summary", "require_manual_confirmation": True}
    if time.time() < one["performed"] + convex.state.latency("convex.import"):
        return {"state": "in_progress", "progress_message": "Importing", "checkpoint_messages": []}
    if not one["done"]:
        others = {} if one["mode"] == "replaceAll" else convex.book.deployment["tables"]
        convex.book.deployment["tables"] = {**others, **one["tables"]}
        one["done"] = True
        convex.state.save()
    return {"state": "completed", "num_rows_written": _integer(sum(map(len, one["tables"].values())))}


class _Socket:
    """One client's subscriptions: each change of what a query answers is a transition from one version to the next."""

    def __init__(self, convex: Convex, request: web.Request) -> None:
        self.convex, self.request = convex, request
        self.version = {"querySet": 0, "identity": 0, "ts": 0}
        self.queries: dict[int, Row] = {}
        self.told: dict[int, Any] = {}
        self.allowed = False

    async def serve(self) -> web.WebSocketResponse:
        socket = self.socket = web.WebSocketResponse()
        await socket.prepare(self.request)
        while not socket.closed:
            try:
                message = await socket.receive(timeout=LOOKS)
            except TimeoutError:
                if self.allowed:
                    await self._transition({})
                continue
            if message.type is not WSMsgType.TEXT:
                break
            await self._take(json.loads(message.data))
        return socket

    async def _take(self, message: Row) -> None:
        if message["type"] == "Authenticate":
            self.allowed = message.get("value") in self.convex.tokens
            if not self.allowed:
                error = {"type": "AuthError", "error": "The provided admin key was invalid", "authUpdateAttempted": True}
                await self.socket.send_json({**error, "baseVersion": message["baseVersion"]})
                return
            await self._transition({"identity": message["baseVersion"] + 1})
        elif message["type"] == "ModifyQuerySet":
            for change in message["modifications"]:
                if change["type"] == "Add":
                    self.queries[change["queryId"]] = change
                else:
                    self.queries.pop(change["queryId"], None)
            await self._transition({"querySet": message["newVersion"]})

    async def _transition(self, versions: Row) -> None:
        answers = {id: self._answer(query) for id, query in self.queries.items()}
        news = {id: value for id, value in answers.items() if id not in self.told or self.told[id] != value}
        if not versions and not news:
            return
        start, end = self.version, {**self.version, **versions, "ts": self.version["ts"] + 1}
        updated = [{"type": "QueryUpdated", "queryId": id, "value": value, "logLines": [], "journal": None} for id, value in news.items()]
        spoken = {"type": "Transition", "startVersion": _encoded(start), "endVersion": _encoded(end), "modifications": updated}
        await self.socket.send_json(spoken)
        self.version, self.told = end, answers

    def _answer(self, query: Row) -> Any:
        name = query["udfPath"].removesuffix(":default").replace(".js", "")
        return QUERIES[name](self.convex, query["args"][0])


def _latest_export(convex: Convex, args: Row) -> Row | None:
    return _export_state(convex)


def _one_import(convex: Convex, args: Row) -> Row:
    return {"state": _import_state(convex, convex.book.deployment["imports"][args["importId"]])}


QUERIES = {"_system/cli/exports:getLatest": _latest_export, "_system/cli/queryImport": _one_import}


def _encoded(version: Row) -> Row:
    return {**version, "ts": _integer(version["ts"])["$integer"]}


def _integer(number: int) -> Row:
    return {"$integer": base64.b64encode(struct.pack("<q", number)).decode()}


def _lines(rows: list[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)
