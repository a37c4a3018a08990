# SPDX-License-Identifier: GPL-3.0-or-later
"""Each call of a botocore client that changes something is written down before it is made, and so is how it was answered."""
from __future__ import annotations

import re
import time
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

_READS = re.compile(r"^(Describe|Get|List|Head|Lookup|Search|Query|Scan|BatchGet|Select)")
_NAMES = re.compile(r"(Identifier|Id|Name|Bucket|Key|Arn|ARN)$")
_NOT_NAMES = re.compile(r"KMS|Kms|SSE|Token|Access|Secret|Caller|Class|User|Group|Certificate|Role|Domain|DBName")
_MADE, _PATH = "lastgood_made", "lastgood_path"


def record_changes(client: Any, run: Run) -> Any:
    """The same client. What a call is about is read from its parameters, before they become a request."""

    def asked(params: dict[str, Any], context: dict[str, Any], **_more: Any) -> None:
        context[_PATH] = about(params)

    def called(model: Any, context: dict[str, Any], **_more: Any) -> None:
        if not _READS.match(model.name):
            context[_MADE] = time.monotonic()
            run.record("call", method=model.name, path=context.get(_PATH, ""))

    def answered(model: Any, context: dict[str, Any], http_response: Any, **_more: Any) -> None:
        ended(model.name, context, http_response.status_code)

    def failed(context: dict[str, Any], event_name: str, **_more: Any) -> None:
        ended(event_name.rpartition(".")[2], context, None)

    def ended(method: str, context: dict[str, Any], status: int | None) -> None:
        started = context.pop(_MADE, None)
        if started is not None:
            seconds = round(time.monotonic() - started, 3)
            run.record("answer", method=method, path=context.get(_PATH, ""), status=status, seconds=seconds)

    service = client.meta.service_model.service_id.hyphenize()
    for event, handler in (
        ("before-parameter-build", asked),
        ("before-call", called),
        ("after-call", answered),
        ("after-call-error", failed),
    ):
        client.meta.events.register(f"{event}.{service}", handler)
    return client


def about(parameters: dict[str, Any]) -> str:
    """C(shop-restored shop): the names among the parameters, and nothing that could be secret."""
    found = (value for name, value in parameters.items() if _NAMES.search(name) and not _NOT_NAMES.search(name) and isinstance(value, str))
    return " ".join(found)
