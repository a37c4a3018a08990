# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls as HTTP requests, signed."""
from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote
from xml.sax.saxutils import escape

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Call, Copy, Delete, Named, Read, needs_own_call
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.signing import Place, Signer

PAGE = 1_000
"""Versions that S3 lists at most in one page."""
# A parser of XML would read the first three as something else.
_ENTITIES = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;", '"': "&quot;"}


class Requests:
    """C(page) is how many versions are asked for at a time. C(absolute) goes before each path where a proxy wants it."""

    def __init__(self, bucket: str, place: Place, signer: Signer, page: int = PAGE, absolute: str = "") -> None:
        self._bucket, self._place, self._signer, self._page, self._absolute = bucket, place, signer, str(page), absolute

    def of(self, call: Call) -> tuple[str, bytes, bool]:
        """S3's name for the call, the request, and whether its answer has no body."""
        if isinstance(call, Copy):
            source = f"/{self._bucket}/{_path(call.key)}?versionId={quote(call.version_id, safe='')}"
            headers = {"x-amz-copy-source": source, **call.headers}
            return "CopyObject", self._request("PUT", call.key, (), headers), False
        if isinstance(call, Read):
            version = (("versionId", call.version_id),) if call.version_id is not None else ()
            if not call.part:
                return "HeadObject", self._request("HEAD", call.key, version), True
            name = "GetObjectTagging" if call.part == "tagging" else "GetObjectAcl"
            return name, self._request("GET", call.key, ((call.part, ""), *version)), False
        if needs_own_call(call):
            key, version_id = call.names[0]
            query = (("versionId", version_id),) if version_id is not None else ()
            return "DeleteObject", self._request("DELETE", key, query), False
        body = _listed(call)
        headers = {"content-md5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}
        return "DeleteObjects", self._request("POST", None, (("delete", ""),), headers, body), False

    def page(self, prefix: str, marker: tuple[str, str | None] | None) -> bytes:
        """ListObjectVersions behind a key, or behind one version of it."""
        query = [("versions", ""), ("encoding-type", "url"), ("max-keys", self._page), ("prefix", prefix)]
        if marker is not None:
            query += [("key-marker", marker[0])] + ([("version-id-marker", marker[1])] if marker[1] is not None else [])
        return self._request("GET", None, tuple(query), {"x-amz-optional-object-attributes": "RestoreStatus"})

    def _request(
        self, method: str, key: str | None, query: tuple[tuple[str, str], ...], headers: dict[str, str] | None = None, body: bytes = b""
    ) -> bytes:
        path = f"{self._place.path}/{_path(key)}" if key is not None else self._place.path or "/"
        return self._signer.head(method, path, query, headers or {}, body, self._absolute) + body


def _path(key: str) -> str:
    return quote(key, safe="/~", errors="surrogateescape")


def _listed(call: Delete) -> bytes:
    return (
        '<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        + "".join([_object(name) for name in call.names])
        + "<Quiet>true</Quiet></Delete>"
    ).encode()


def _object(name: Named) -> str:
    version = f"<VersionId>{escape(name.version_id)}</VersionId>" if name.version_id is not None else ""
    return f"<Object><Key>{escape(name.key, _ENTITIES)}</Key>{version}</Object>"
