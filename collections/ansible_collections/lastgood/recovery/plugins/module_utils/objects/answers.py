# SPDX-License-Identifier: GPL-3.0-or-later
"""What S3's answers say: an error may come inside a 200, and one call on many keys may fail for some of them."""
from __future__ import annotations

import re

from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import UNREADABLE, Call, Copy, Delete, Failure, Read
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.connection import Answer

BUSY = frozenset(
    {"SlowDown", "ServiceUnavailable", "503", "429", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests"}
)
"""Nothing was done, and there should be fewer calls at a time."""
PASSING = frozenset({"InternalError", "RequestTimeout", "500", "502", "504", "OperationAborted", UNREADABLE})
"""May go well the next time. All calls here may be made twice: what they leave visible is the same."""
RENEWABLE = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
"""Credentials that botocore may have fresh ones for."""
FOR_ALL = RENEWABLE | {
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "RequestTimeTooSkewed",
    "AuthorizationHeaderMalformed",
    "NoSuchBucket",
    "PermanentRedirect",
    "TemporaryRedirect",
    "AccountProblem",
    "NotSignedUp",
}
"""No other call would go better."""
_ENTITY = re.compile("&(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ERROR = re.compile(rb"<Error>(.*?)</Error>", re.DOTALL)


def failures(call: Call, answer: Answer) -> tuple[Failure, ...]:
    """None when all of it was done."""
    if answer.status >= 300:
        return _all(call, *said(answer))
    if isinstance(call, Copy):
        if b"</CopyObjectResult>" in answer.body:
            return ()
        return _all(call, *_inside(answer))
    if isinstance(call, Read) or answer.status == 204:
        return ()
    end = answer.body.rstrip()
    if b"<DeleteResult" not in end[:300] or not end.endswith((b"</DeleteResult>", b"/>")):
        return _all(call, *_inside(answer))
    return tuple(_of_one(found, call) for found in _ERROR.findall(end))


def said(answer: Answer) -> tuple[str, str]:
    """S3's code and its message, for an answer that is an error as a whole."""
    found = re.search(rb"<Code>([^<]+)</Code>", answer.body)
    return (found[1].decode(errors="replace") if found else str(answer.status)), element(answer.body, "Message") or "it said no more"


def element(xml: bytes, name: str) -> str | None:
    """The text of the first element of that name; None where there is none."""
    found = re.search(rb"<%b>([^<]*)</%b>" % (name.encode(), name.encode()), xml)
    return text(found[1].decode(errors="surrogateescape")) if found else None


def text(plain: str) -> str:
    """Without entities."""
    return _ENTITY.sub(_character, plain) if "&" in plain else plain


def _character(entity: re.Match[str]) -> str:
    decimal, hexadecimal, name = entity.groups()
    return chr(int(decimal)) if decimal else chr(int(hexadecimal, 16)) if hexadecimal else _NAMED[name]


def _inside(answer: Answer) -> tuple[str, str]:
    return said(answer) if b"<Error>" in answer.body else (UNREADABLE, "the answer is not whole")


def _of_one(found: bytes, call: Delete) -> Failure:
    key, version_id = element(found, "Key") or "", element(found, "VersionId") or None
    if (key, version_id) not in call.names:  # some servers leave the version out
        key, version_id = next((name for name in call.names if name.key == key), (key, version_id))
    return Failure(key, version_id, element(found, "Code") or UNREADABLE, element(found, "Message") or "it said no more")


def _all(call: Call, code: str, message: str) -> tuple[Failure, ...]:
    named = call.names if isinstance(call, Delete) else ((call.key, call.version_id),)
    return tuple(Failure(key, version_id, code, message) for key, version_id in named)
