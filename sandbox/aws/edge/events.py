"""Requests and answers as functions at the edge see them, and back."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import Any

from sandbox.aws.edge.cache import Answer, Headers
from sandbox.aws.edge.functions import FunctionError
from sandbox.state import Row


def _shown(headers: Headers) -> Row:
    shown: Row = {}
    for name, value in headers:
        shown.setdefault(name.lower(), []).append({"key": name, "value": value})
    return shown


def _read(headers: Row) -> Headers:
    return [(row.get("key", name), row["value"]) for name, rows in headers.items() for row in rows]


def request_of(method: str, path: str, query: str, headers: Headers, client: str) -> Row:
    return {"clientIp": client, "method": method, "uri": path, "querystring": query, "headers": _shown(headers)}


def event(kind: str, distribution: Row, request_id: str, request: Row, answer: Answer | None = None) -> Row:
    """The event of that kind, as https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html has it."""
    names = {"distributionDomainName": distribution["domain"], "distributionId": distribution["id"]}
    row: Row = {"config": {**names, "eventType": kind, "requestId": request_id}, "request": request}
    if answer is not None:
        row["response"] = {
            "status": str(answer.status),
            "statusDescription": _words(answer.status),
            "headers": _shown(answer.headers),
        }
    return {"Records": [{"cf": row}]}


def _words(status: int) -> str:
    return next((known.phrase for known in HTTPStatus if known == status), "")


def answered(returned: Any, before: Answer | None) -> Answer:
    """The answer that a function returned; without a body of its own the one from before. FunctionError when it is none."""
    try:
        status, headers = int(returned["status"]), _read(returned.get("headers") or {})
        if not 200 <= status <= 599 or not all(isinstance(value, str) for _, value in headers):
            raise ValueError
        body = before.body if before else b""
        if "body" in returned:
            given = returned["body"]
            body = base64.b64decode(given) if returned.get("bodyEncoding") == "base64" else given.encode()
    except (AttributeError, KeyError, TypeError, ValueError):
        raise FunctionError(502, "LambdaValidationError", "what the function returned is no response") from None
    return Answer(status, headers, body)


def asked(returned: Any) -> Row | None:
    """The request that a function returned; None when it is a response. FunctionError when it is neither."""
    if not isinstance(returned, dict) or ("uri" not in returned and "status" not in returned):
        raise FunctionError(502, "LambdaValidationError", "what the function returned is neither a request nor a response")
    return returned if "uri" in returned else None


def headers_of(request: Row) -> Headers:
    return _read(request["headers"])
