"""One address for all of AWS: CloudFront and the history of its configuration are our own, S3 and others ministack's, the rest moto's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from yarl import URL

from sandbox.aws import cloudfront, config_history, lambda_rules, s3_rules
from sandbox.aws.rest_xml import error
from sandbox.emulator import Refusal

if TYPE_CHECKING:
    from sandbox.aws import Aws

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/[^/]*/([^/]+)/aws4_request")
_KEPT = frozenset({"s3", "lambda", "monitoring", "logs", "cloudfront", "iam", "acm", "sts", "kms"})
"""The services of ministack, by the names that signatures have."""
_OF_ONE_CONNECTION = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "expect", "te", "trailer"})
_SMALL = 1 << 20
_AUTOMATIC = ("Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that would be added, and stored with an object."""
_JSON = "application/x-amz-json-1.1"


def application(aws: Aws) -> web.Application:
    async def answer(request: web.Request) -> web.StreamResponse:
        key, service = signed_by(request)
        if seconds := aws.state.latency("aws.http"):
            await asyncio.sleep(seconds)
        aws.calls.append((service, request.method, request.raw_path))
        try:
            aws.refuse(service, key, request.method, request.raw_path, request.headers.get("X-Amz-Target", ""))
            if service == "cloudfront" and (own := await _own(cloudfront.answer, aws, request)):
                return own
            if service == "config" and (own := await _own(config_history.answer, aws, request)):
                return own
            return await _pass_on(aws, service, request)
        except Refusal as refusal:
            await request.read()
            return _refused(service, request, refusal)

    async def connected(_app: web.Application) -> Any:
        aws.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
        yield
        await aws.http.close()

    app = web.Application(client_max_size=1 << 30)
    app.cleanup_ctx.append(connected)
    app.router.add_route("*", r"/{path:[\s\S]*}", answer)
    return app


def signed_by(request: web.Request) -> tuple[str, str]:
    """The access key, and the service that the call is signed for; S3 may be asked without a signature."""
    signed = request.headers.get("Authorization", "") or f"Credential={request.query.get('X-Amz-Credential', '')}"
    found = _SCOPE.search(signed)
    return (found[1], found[2]) if found else ("", "s3")


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


def _refused(service: str, request: web.Request, refusal: Refusal) -> web.Response:
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        told = b"\xa2" + b"".join(map(_cbor, ("__type", refusal.code, "message", refusal.message)))
        headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
        return web.Response(status=refusal.status, body=told, headers=headers)
    if service == "cloudfront" or request.content_type == "application/x-www-form-urlencoded":
        return web.Response(status=refusal.status, body=error(refusal.code, refusal.message), content_type="text/xml")
    if service == "s3":
        text = f"<Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message><RequestId>5F6B1A52</RequestId></Error>"
        return web.Response(status=refusal.status, text=text, content_type="application/xml")
    reply = web.json_response({"__type": refusal.code, "message": refusal.message}, status=refusal.status)
    reply.headers["Content-Type"], reply.headers["x-amzn-ErrorType"] = _JSON, refusal.code
    return reply


def _cbor(text: str) -> bytes:
    """A text of less than 64 kB."""
    return b"\x79" + len(text.encode()).to_bytes(2, "big") + text.encode()


async def _blocks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    if answer.content.at_eof():  # it was read already
        yield await answer.read()
    async for block in answer.content.iter_chunked(1 << 18):
        yield block


async def _pass_on(aws: Aws, service: str, request: web.Request) -> web.StreamResponse:
    headers = [(name, value) for name, value in request.headers.items() if name.lower() not in _OF_ONE_CONNECTION]
    program = aws.kept if service in _KEPT else aws.others
    if program is aws.others:
        await asyncio.to_thread(program.ensure)
    small = request.content_length is not None and request.content_length <= _SMALL
    body = (await request.read() if small else request.content) if request.can_read_body else None
    known, rows = body if isinstance(body, bytes) else None, b""
    if service == "s3":
        headers, known, rows = await s3_rules.checked(aws, request, headers, known)
    elif service == "lambda":
        await lambda_rules.check(aws, request, known)
    url = URL(program.url + request.raw_path, encoded=True)
    more: Any = {"skip_auto_headers": _AUTOMATIC, "allow_redirects": False}
    async with aws.http.request(request.method, url, headers=headers, data=known if known is not None else body, **more) as answer:
        if rows:
            return web.Response(body=s3_rules.with_rows(await answer.read(), rows), content_type="application/xml")
        if service == "s3" and request.method == "GET":
            s3_rules.readable(answer.headers)
        if service == "s3" and request.method == "POST" and answer.status == 200 and {"uploads", "uploadId"} & set(request.query):
            s3_rules.begun(aws, request, answer.headers.get("x-amz-version-id", ""), await answer.read())
        reply = web.StreamResponse(status=answer.status, reason=answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in _OF_ONE_CONNECTION:
                reply.headers.add(name, value)
        await reply.prepare(request)
        async for block in _blocks(answer):
            await reply.write(block)
        await reply.write_eof()
        return reply
