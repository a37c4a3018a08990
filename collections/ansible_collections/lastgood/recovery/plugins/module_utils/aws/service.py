# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of AWS: what only reads is repeated by botocore, what changes something is asked for once."""
from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.access import ONCE, client, session
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.recording import record_changes
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.waiting import wait

PAUSES = (1, 2, 4, 8, 16, 30)
"""Seconds between the attempts of a change that AWS was too busy to look at: it has not taken effect."""


class Aws:
    """C(service) is botocore's name for it, C(rds); calls, parameters and answers are those of the API, C(DescribeDBInstances)."""

    def __init__(self, service: str, options: Options, run: Run) -> None:
        self.service, self.options, self.run = service, options, run

    @cached_property
    def session(self) -> Any:
        return session(self.options)

    @cached_property
    def reading(self) -> Any:
        """The botocore client for calls that change nothing."""
        return record_changes(client(self.service, self.options, known=self.session), self.run)

    @cached_property
    def changing(self) -> Any:
        """The botocore client that makes each call once."""
        return record_changes(client(self.service, self.options, ONCE, self.session), self.run)

    def get(self, call: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a call that changes nothing."""
        with understood(self.service, call):
            return getattr(self.reading, _method(call))(**_given(parameters))

    def pages(self, call: str, key: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The rows under C(key) of all pages of a list."""
        with understood(self.service, call):
            for page in self.reading.get_paginator(_method(call)).paginate(**_given(parameters)):
                yield from page.get(key) or []

    def send(self, call: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a call that changes something. Unanswered when nobody can tell whether it took effect."""
        pauses = list(PAUSES)
        while True:
            try:
                with understood(self.service, call, changes=True):
                    return getattr(self.changing, _method(call))(**_given(parameters))
            except errors.RateLimited:
                if not pauses:
                    raise
                wait(pauses.pop(0), f"AWS {self.service} asks to slow down", self.run.tell)


def _given(parameters: dict[str, Any]) -> dict[str, Any]:
    """Without what is None, which botocore refuses."""
    return {name: value for name, value in parameters.items() if value is not None}


def _method(call: str) -> str:
    """C(DescribeDBInstances) as the client's method is called, C(describe_db_instances)."""
    return library("botocore").xform_name(call)
