# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module that looks at a distribution does, and captures its configuration where nobody else can read it."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import captures, functions
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.comparison import shown
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront.distribution import Distribution, Seen
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Reached

ARGUMENTS: dict[str, Any] = {"save_to": {"type": "path"}, "captures": {"type": "path"}}


def operation(vendor: Reached) -> Operation:
    return Operation(
        arguments={**vendor.arguments_of("configuration"), **ARGUMENTS},
        perform=lambda options, run: look(vendor.connect("configuration", options, run), options, run),
        rules={"mutually_exclusive": [("save_to", "captures")]},
    )


def look(distribution: Distribution, options: Options, run: Run) -> Result:
    seen = distribution.look()
    versions, doubts = _versions(distribution, seen)
    path = options["save_to"] or _new_in(options["captures"], distribution, seen, run)
    if path and not run.check:
        _capture(path, captures.content(distribution, seen, versions), seen, run)
    modified = moment.iso(seen.modified)
    return {
        "changed": bool(path),
        "distribution": distribution.id,
        "etag": seen.etag,
        "status": seen.status,
        "modified": modified,
        "config": shown(seen.config, distribution.key),
        "functions": versions,
        "captured_in": path,
        "warnings": doubts,
        "summary": f"{distribution.id} is {seen.status}, changed last at {modified}" + ("; captured" if path else ""),
    }


def _new_in(directory: str | None, distribution: Distribution, seen: Seen, run: Run) -> str | None:
    """None when the newest capture in the directory is of this very state."""
    if not directory:
        return None
    if (Path(directory) / distribution.id).is_dir():
        newest = next(captures.newest_first(directory, distribution.id, run), None)
        if newest and newest.etag == seen.etag:
            return None
    return captures.path_in(directory, distribution.id, seen)


def _capture(path: str, content: dict[str, Any], seen: Seen, run: Run) -> None:
    if seen.overlooked:
        raise errors.Refused(
            f"botocore does not know {', '.join(seen.overlooked)} of this distribution, so a capture would lack it",
            "Upgrade boto3 and botocore for the interpreter that runs this module.",
        )
    if run.save is None:
        raise errors.Refused(
            "what origins are sent may be secret, and there is nothing to encrypt a capture with",
            "Run it on the controller, with --vault-password-file or --vault-id.",
        )
    run.save(path, content)


def _versions(distribution: Distribution, seen: Seen) -> tuple[dict[str, str], list[str]]:
    """By ARN, what the functions in the configuration are; one that cannot be looked at is left out and told of."""
    lambdas, found, doubts = functions.Functions(distribution), {}, []
    for arn in functions.all_associated(seen.config):
        try:
            found[arn] = functions.artifact(lambdas.version(arn))
        except errors.VendorError as error:
            doubts.append(f"{arn} could not be looked at: {error.message}")
    return found, doubts
