# SPDX-License-Identifier: GPL-3.0-or-later
"""An account's test mode at Stripe. A key of live mode is refused before anything is asked: a test must not move money."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, waiting
from ansible_collections.lastgood.recovery.plugins.module_utils.api import Api, Form, bearer
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run

TEST_KEYS = ("sk_test_", "rk_test_")
VERSION = "2024-06-20"
"""Of the API, so that its answers keep their form; https://docs.stripe.com/api/versioning."""
PAGE = 100
"""Rows of a page, the most that Stripe gives."""
HINTS: dict[type[errors.RecoveryError], str] = {
    errors.NotAuthorised: "Check STRIPE_TEST_KEY: a restricted key needs to read webhook endpoints and payment intents, and to write "
    "the latter and refunds for the test payment.",
    errors.PlanLimit: "Use a payment method of Stripe's documentation that succeeds.",
}


class Account:
    """What can be read and tried with a key of test mode. What belongs to live mode cannot be seen with it."""

    def __init__(self, options: Options, run: Run) -> None:
        key = str(options["key"])
        if not key.startswith(TEST_KEYS):
            raise errors.Refused(
                "the key of Stripe is none of test mode",
                f"Give one that begins with {' or '.join(TEST_KEYS)}; payments with a live key would move money.",
            )
        headers = {**bearer(key), "Stripe-Version": VERSION, **({"Stripe-Account": options["account"]} if options["account"] else {})}
        # Nothing of the team's is changed, so the journal must not take these calls for the rollback's.
        silent = replace(run, record=lambda event, **fields: None)
        self._api = Api("Stripe", options["api_url"], headers, silent, explain=_explain, hints=HINTS)
        self._tell = run.tell

    def pages(self, path: str, most: int, **query: Any) -> Iterator[dict[str, Any]]:
        """The newest rows first; Incomplete when there are more pages than C(most)."""
        after: dict[str, Any] = {}
        for _page in range(most):
            answer = self._api.get(path, limit=PAGE, **query, **after)
            yield from answer["data"]
            if not answer["has_more"]:
                return
            after = {"starting_after": answer["data"][-1]["id"]}
        raise errors.Incomplete(f"there are more than {most * PAGE} of them", "Look back less far.")

    def post(self, path: str, key: str, **fields: Any) -> dict[str, Any]:
        """Made once however often it is sent: Stripe gives the first answer to the same C(key) again."""

        def sent() -> dict[str, Any]:
            answer: dict[str, Any] = self._api.send("POST", path, Form(fields), headers={"Idempotency-Key": key})
            return answer

        return waiting.until_answered(sent, waiting.clock("asking Stripe", 30, 1, self._tell))


def _explain(body: dict[str, Any]) -> str:
    error = body.get("error")
    return str(error.get("message") or error.get("type") or "") if isinstance(error, dict) else ""
