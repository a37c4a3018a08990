"""One address for all of AWS: CloudFront and the history of its configuration are our own, S3 and others ministack's, the rest moto's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from yarl import URL

from sandbox.aws import cloudfront, config_history
from sandbox.aws.rest_xml import error
from sandbox.emulator import Refusal

if TYPE_CHECKING:
    from sandbox.aws import Aws

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]*/([^/]+)/aws4_request")
_KEPT = frozenset({"s3", "lambda", "monitoring", "logs", "cloudfront", "iam", "acm", "sts", "kms"})
"""The services of ministack, by the names that signatures have."""
_OF_ONE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "expect", "te", "trailer"})
_SMALL = 1 << 20
_JSON = "application/x-amz-json-1.1"


def application(aws: Aws) -> web.Application:
    async def answer(request: web.Request) -> web.StreamResponse:
        service = service_of(request)
        if seconds := aws.state.latency("aws.http"):
            await asyncio.sleep(seconds)
        aws.calls.append((service, request.method, request.raw_path))
        try:
            aws.refuse(service, request.method, request.raw_path, request.headers.get("X-Amz-Target", ""))
            if service == "cloudfront" and (own := await _own(cloudfront.answer, aws, request)):
                return own
            if service == "config" and (own := await _own(config_history.answer, aws, request)):
                return own
        except Refusal as refusal:
            return _refused(service, refusal)
        program = aws.kept if service in _KEPT else aws.others
        if program is aws.others:
            await asyncio.to_thread(program.ensure)
        return await _forward(aws.http, program.url, request)

    async def connected(_app: web.Application) -> Any:
        aws.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
        yield
        await aws.http.close()

    app = web.Application(client_max_size=1 << 30)
    app.cleanup_ctx.append(connected)
    app.router.add_route("*", "/{path:.*}", answer)
    return app


def service_of(request: web.Request) -> str:
    """The service that the call is signed for; S3 may be asked without a signature."""
    signed = request.headers.get("Authorization", "") or f"Credential={request.query.get('X-Amz-Credential', '')}"
    found = _SCOPE.search(signed)
    return found[1] if found else "s3"


async def _own(answering: Callable[..., Any], aws: Aws, request: web.Request) -> web.Response | None:
    """What we answer ourselves; None for what the programs behind do."""
    aws.state.run_due()
    reply = answering(aws, request.method, request.path, request.query_string, request.headers, await request.read())
    if asyncio.iscoroutine(reply):
        reply = await reply
    if reply is None:
        return None
    if request.method != "GET" and not aws.state.run_due():
        aws.state.save()
    status, headers, body = reply
    return web.Response(status=status, headers={"Content-Type": "text/xml", **headers}, body=body)


def _refused(service: str, refusal: Refusal) -> web.Response:
    if service in ("cloudfront", "monitoring", "iam", "sts", "rds", "ec2"):
        return web.Response(status=refusal.status, body=error(refusal.code, refusal.message), content_type="text/xml")
    if service == "s3":
        text = f"<Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message><RequestId>5F6B1A52</RequestId></Error>"
        return web.Response(status=refusal.status, text=text, content_type="application/xml")
    reply = web.json_response({"__type": refusal.code, "message": refusal.message}, status=refusal.status)
    reply.headers["Content-Type"], reply.headers["x-amzn-ErrorType"] = _JSON, refusal.code
    return reply


async def _forward(client: aiohttp.ClientSession, to: str, request: web.Request) -> web.StreamResponse:
    headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _OF_ONE_CONNECTION]
    small = request.content_length is not None and request.content_length <= _SMALL
    body = (await request.read() if small else request.content) if request.can_read_body else None
    url = URL(to + request.raw_path, encoded=True)
    async with client.request(request.method, url, headers=headers, data=body, allow_redirects=False) as answer:
        reply = web.StreamResponse(status=answer.status, reason=answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in _OF_ONE_CONNECTION:
                reply.headers.add(name, value)
        await reply.prepare(request)
        async for block in answer.content.iter_chunked(1 << 18):
            await reply.write(block)
        await reply.write_eof()
        return reply
