"""Where S3 is stricter than ministack: batches, archived versions, storage classes, conditions of a copy, and single keys that fail."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from aiohttp import web

from sandbox.clock import iso, now_ms
from sandbox.emulator import Refusal

if TYPE_CHECKING:
    from sandbox.aws import Aws

_MOST_KEYS = 1000
_UPLOAD = re.compile(rb"<UploadId>([^<]+)</UploadId>")
_ARCHIVED = ("GLACIER", "DEEP_ARCHIVE")
_MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema."
ET.register_namespace("", "http://s3.amazonaws.com/doc/2006-03-01/")
Headers = list[tuple[str, str]]


async def checked(aws: Aws, request: web.Request, headers: Headers, body: bytes | None) -> tuple[Headers, bytes | None, bytes]:
    """The headers and the body to send on, and rows for the answer to a batch; Refusal."""
    source = request.headers.get("x-amz-copy-source")
    if request.method == "POST" and "delete" in request.query and body is not None:
        left, rows = _batch(aws, request, body)
        if rows:
            headers = [pair for pair in headers if not re.match("content-(length|md5)$|x-amz-(checksum|sdk-checksum)", pair[0].lower())]
        return headers, left, rows
    if request.method == "PUT" and source:
        await _copy(aws, request, source)
        if "x-amz-storage-class" not in request.headers and "partNumber" not in request.query:
            headers = [*headers, ("x-amz-storage-class", "STANDARD")]
    return headers, body, b""


def _batch(aws: Aws, request: web.Request, body: bytes) -> tuple[bytes, bytes]:
    try:
        tree = ET.fromstring(body)
    except ET.ParseError:
        raise Refusal(400, _MALFORMED, "MalformedXML") from None
    space = tree.tag.removesuffix("Delete")
    asked = tree.findall(f"{space}Object")
    if not 0 < len(asked) <= _MOST_KEYS:
        raise Refusal(400, _MALFORMED, "MalformedXML")
    rows = ""
    for one in asked:
        key, version = one.findtext(f"{space}Key") or "", one.findtext(f"{space}VersionId") or ""
        try:
            aws.ordered("s3", f"DELETE {request.path.rstrip('/')}/{quote(key)}")
        except Refusal as refusal:
            tree.remove(one)
            shown = f"<VersionId>{escape(version)}</VersionId>" if version else ""
            rows += f"<Error><Key>{escape(key)}</Key>{shown}<Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error>"
    return (ET.tostring(tree), rows.encode()) if rows else (body, b"")


async def _copy(aws: Aws, request: web.Request, source: str) -> None:
    """`source` as a copy names it: `/bucket/key?versionId=…`, with the key quoted."""
    parts = urlsplit(source)
    version = parse_qs(parts.query).get("versionId", [""])[0]
    path = f"/{quote(unquote(parts.path).lstrip('/'))}" + (f"?versionId={version}" if version else "")
    readable(await aws.object_headers(path))
    wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if wanted or unwanted:
        there = await aws.object_headers(request.raw_path.partition("?")[0])
        etag = there.get("ETag", "").strip('"')
        if (wanted and wanted.strip('"') != etag) or (unwanted and there):
            raise Refusal(412, "At least one of the pre-conditions you specified did not hold", "PreconditionFailed")


def begun(aws: Aws, request: web.Request, version: str, answer: bytes) -> None:
    """An object that came in parts is as old as its upload, not as its last part."""
    key = request.path.lstrip("/").partition("/")[2]
    if "uploads" in request.query and (found := _UPLOAD.search(answer)):
        aws.uploads[found[1].decode()] = str(iso(now_ms()))[:23] + "Z"
    elif (at := aws.uploads.pop(request.query.get("uploadId", ""), "")) and version:
        aws.date([{"bucket": request.path.split("/")[1], "key": key, "version": version, "at": at}])


def readable(headers: Mapping[str, str]) -> None:
    """Refusal for what is archived."""
    if headers.get("x-amz-storage-class") in _ARCHIVED:
        raise Refusal(403, "The operation is not valid for the object's storage class", "InvalidObjectState")


def with_rows(answer: bytes, rows: bytes) -> bytes:
    """The answer to a batch, with the keys that were not sent on."""
    if not answer.strip().endswith(b"</DeleteResult>"):
        return b'<?xml version="1.0"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' + rows + b"</DeleteResult>"
    return answer.strip().removesuffix(b"</DeleteResult>") + rows + b"</DeleteResult>"
