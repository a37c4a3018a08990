# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two versions are the same to whoever reads them, and what a copy has to be told so that it will be.

CopyObject keeps metadata, headers and tags. It does not keep the storage class, the key of an encryption, a redirect, a lock or an
access control list. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import ARCHIVED, Version

Headers = Mapping[str, str]

REDIRECT = "x-amz-website-redirect-location"
ENCRYPTION = "x-amz-server-side-encryption"
KMS_KEY = f"{ENCRYPTION}-aws-kms-key-id"
BUCKET_KEY = f"{ENCRYPTION}-bucket-key-enabled"
LOCK_MODE, LOCK_UNTIL, LEGAL_HOLD = "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold"
READ = ("content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires", REDIRECT)
_GRANTS = {
    "FULL_CONTROL": "x-amz-grant-full-control",
    "READ": "x-amz-grant-read",
    "READ_ACP": "x-amz-grant-read-acp",
    "WRITE_ACP": "x-amz-grant-write-acp",
}
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def same_heads(one: Headers, other: Headers) -> bool:
    """Whether content headers, metadata and encryption are the same; what S3 counts or dates by itself does not matter."""
    return _told(one) == _told(other)


def _told(headers: Headers) -> dict[str, str]:
    told = {name: headers.get(name, "") for name in (*READ, ENCRYPTION, KMS_KEY)}
    return told | {name: value for name, value in headers.items() if name.startswith("x-amz-meta-")}


def same_content(one: Headers, other: Headers) -> bool:
    """Whether a checksum or the ETag proves it. C(headers) of HeadObject with x-amz-checksum-mode, for checksums."""
    if one.get("content-length") != other.get("content-length"):
        return False
    for name, value in one.items():
        if name.startswith("x-amz-checksum-") and name != "x-amz-checksum-type" and "-" not in value and name in other:
            return other[name] == value
    encrypted = any("kms" in head.get(ENCRYPTION, "") for head in (one, other))
    return not encrypted and bool(one.get("etag")) and one.get("etag") == other.get("etag")


def tags(body: bytes) -> dict[str, str]:
    """Of the answer to GetObjectTagging."""
    found = {}
    for tag in ElementTree.fromstring(body).iter():
        if _local(tag.tag) == "Tag":
            pair = {_local(part.tag): part.text or "" for part in tag}
            found[pair["Key"]] = pair.get("Value", "")
    return found


def written_tags(found: Mapping[str, str]) -> str:
    """As the header x-amz-tagging has them."""
    return urlencode(found, quote_via=quote)


def grants(body: bytes) -> dict[str, str]:
    """The headers that give a copy the access control list of GetObjectAcl; none where the owner alone has a right."""
    tree = ElementTree.fromstring(body)
    owner = next((part.text for node in tree if _local(node.tag) == "Owner" for part in node if _local(part.tag) == "ID"), None)
    found: dict[str, list[str]] = {}
    for grant in tree.iter():
        if _local(grant.tag) != "Grant":
            continue
        parts = {_local(node.tag): node for node in grant.iter()}
        who = parts.get("URI", parts.get("ID", parts.get("EmailAddress")))
        if who is not None and "Permission" in parts:
            kind = {"URI": "uri", "ID": "id"}.get(_local(who.tag), "emailAddress")
            found.setdefault(_GRANTS.get(parts["Permission"].text or "", ""), []).append(f'{kind}="{who.text}"')
    found.pop("", None)
    if found == {"x-amz-grant-full-control": [f'id="{owner}"']}:
        return {}
    return {name: ", ".join(values) for name, values in found.items()}


def storage_class(version: Version) -> dict[str, str]:
    """What comes from the archive becomes readable: in the class of the archive it would be away again at once."""
    kept = version.storage_class not in ARCHIVED and version.storage_class not in ("", "STANDARD")
    return {"x-amz-storage-class": version.storage_class} if kept else {}


def headers_of(head: Headers, default_kms: bool) -> dict[str, str]:
    """What a copy of the version that HeadObject showed needs beside its storage class. C(default_kms): the bucket encrypts with KMS."""
    wanted = {}
    if head.get(REDIRECT):
        wanted[REDIRECT] = head[REDIRECT]
    encryption = head.get(ENCRYPTION, "")
    if "kms" in encryption:
        wanted |= {name: head[name] for name in (ENCRYPTION, KMS_KEY, BUCKET_KEY) if head.get(name)}
    elif default_kms and encryption:
        wanted[ENCRYPTION] = encryption
    lasts = head.get(LOCK_UNTIL, "")
    if lasts and _time(lasts) > datetime.now(UTC):
        wanted |= {LOCK_MODE: head[LOCK_MODE], LOCK_UNTIL: lasts}
    if head.get(LEGAL_HOLD) == "ON":
        wanted[LEGAL_HOLD] = "ON"
    return wanted


def etag_of_copy(body: bytes) -> str:
    """The ETag in the answer to CopyObject; empty where there is none."""
    found = re.search(rb"<ETag>(?:&quot;|&#34;|\")?([^<&\"]+)", body)
    return found[1].decode() if found else ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
