# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of a deployment, moved by the vendor's own program: its API has no way to."""
from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex import deploying
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.access import DEPLOYMENT, HINTS, access, api
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

_FAILURES: tuple[tuple[str, type[errors.RecoveryError], str], ...] = (
    (r"\b401\b|\b403\b|BadAdminKey|BadDeployKey|Unauthorized|not authorized", errors.NotAuthorised, HINTS[errors.NotAuthorised]),
    (r"ExportInProgress|already requested or in progress", errors.Conflict, "Run the same command again when it has ended."),
    (r"continuing to run on the server", errors.Unanswered, "It may still be done; run the same command again, it looks first."),
    (r"fetch failed|ECONNREFUSED|ENOTFOUND|\b50\d\b", errors.Unavailable, "Look at status.convex.dev, then run the same command again."),
)


class ConvexData:
    """An import is atomic: all tables are replaced, or none."""

    name = "Convex"

    def __init__(self, options: Options, run: Run) -> None:
        self.options, self.run = options, run
        self.access = access(options)
        self.api = api(options, run)

    def look(self) -> None:
        """Raises when the key is wrong, or nobody answers; the program takes its time to say so."""
        self.api.get("/deployment_info")

    def export(self, path: str) -> None:
        """Write all documents to that file, which does not exist."""
        files = ["--include-file-storage"] if self.options["files"] else []
        self._execute(["export", *files, "--path", path], errors.VendorError)

    def replace(self, path: str) -> None:
        """Put what the file holds in the place of everything there is."""
        self.run.record("call", method="import", path=self.options["deployment"])
        self._execute(["import", "--replace-all", "--yes", path], errors.ActivationFailed)
        self.run.record("answer", method="import", path=self.options["deployment"], status=0)

    def _execute(self, arguments: list[str], otherwise: type[errors.RecoveryError]) -> None:
        words = deploying.split(self.options["command"])
        if not words:
            raise errors.Refused("command is empty", "Say how the vendor's program is started, or leave command out.")
        credentials = deploying.environment(self.access.environment)
        with self._folder() as folder:
            status, lines = deploying.execute([*words, *arguments], folder, credentials, self.options["timeout"], self.run, self._hide)
        if status:
            raise _failure(f"convex {arguments[0]}", status, lines, otherwise)

    @contextmanager
    def _folder(self) -> Iterator[str]:
        """The program wants to be in a project that depends on it."""
        if self.options["path"]:
            yield self.options["path"]
            return
        with tempfile.TemporaryDirectory(prefix="lastgood-convex-") as folder:
            with open(os.path.join(folder, "package.json"), "w", encoding="utf-8") as package:
                json.dump({"private": True, "dependencies": {"convex": "*"}}, package)
            yield folder

    def _hide(self, text: str) -> str:
        for word in filter(None, (self.access.key, self.access.key.partition("|")[2])):
            text = text.replace(word, "********")
        return text


def _failure(doing: str, status: int, lines: list[str], otherwise: type[errors.RecoveryError]) -> errors.RecoveryError:
    said = "\n".join(lines)
    words = next((line for line in reversed(lines) if re.search(r"\w", line)), "it said nothing")[:300]
    for pattern, kind, hint in _FAILURES:
        if re.search(pattern, said, re.IGNORECASE):
            return kind(f"{doing} ended with {status}: {words}", hint)
    return otherwise(f"{doing} ended with {status}: {words}", "An import is all or nothing; read the lines above, then run it again.")


VENDOR = Vendor(name="convex", place="deployment", options=DEPLOYMENT, parts={"data": ConvexData})
