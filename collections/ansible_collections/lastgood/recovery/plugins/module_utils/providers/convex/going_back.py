# SPDX-License-Identifier: GPL-3.0-or-later
"""What convex_data does: export what there is, say what would be lost, import, export again and compare."""
from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors, moment
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Operation, Options, Result, Run
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex import exports, snapshot
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.data import VENDOR
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.exports import Export, Folder
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.snapshot import Snapshot, difference

WISHES = ("source", "good_at", "undo")
OPERATION = Operation(
    arguments={
        **VENDOR.arguments_of("data"),
        "destination": {"type": "path", "required": True},
        "source": {"type": "path"},
        "good_at": {"type": "str"},
        "undo": {"type": "bool"},
        "files": {"type": "bool", "default": True},
        "max_loss": {"type": "float"},
        "command": {"type": "str", "default": "npx --yes convex"},
        "path": {"type": "path"},
        "timeout": {"type": "float", "default": 1800},
    },
    perform=lambda options, run: Moving(VENDOR.connect("data", options, run), options, run).perform(),
    rules={"mutually_exclusive": [WISHES]},
)


class Moving:
    """One run of it. C(data) is ConvexData."""

    def __init__(self, data: Any, options: Options, run: Run) -> None:
        self.data, self.options, self.run = data, options, run
        self.folder = Folder(options["destination"], options["deployment"])
        self.started, self.now = time.monotonic(), datetime.now(UTC)
        self.facts: Result = {"export": None, "kept": None, "loss": None, "documents": {}, "notes": []}

    def perform(self) -> Result:
        wished = any(self.options[wish] for wish in WISHES)
        if self.run.check and not wished:
            self.data.look()
            return self._result(True, "would be exported")
        with self._alone():
            if not wished:
                self.data.look()
                return self._exported()
            if (wish := self._source()) is None:
                return self._result(False, "undone already")
            source, at = wish
            wanted = snapshot.read(source)
            self.data.look()
            return self._brought(source, wanted, at or wanted.newest)

    def _exported(self) -> Result:
        found = self._look()
        made = self.folder.add(found, self.now, exports.BACKUP)
        self.facts["export"], self.facts["documents"] = made.path, found.counts
        return self._result(True, f"exported to {made.path}")

    def _brought(self, source: str, wanted: Snapshot, at: datetime | None) -> Result:
        now = self._look()
        changes = difference(now, wanted)
        self.facts["export"], self.facts["documents"] = source, wanted.counts
        if not changes:
            if not self.run.check:
                self._undo_is_done()
            return self._result(False, f"holds what {source} holds already")
        self._tell_loss(changes, at)
        if self.run.check:
            return self._result(True, f"would hold what {source} holds; {_words(changes)}", changes)
        kind = exports.UNDOING if self.options["undo"] else exports.BEFORE
        kept = self.folder.add(now, self.now, kind)
        self.facts["kept"] = kept.path
        self.run.tell(f"what there is is kept in {kept.path}")
        self.data.replace(source)
        self._compare(now, wanted, kept)
        self._undo_is_done()
        return self._result(True, f"holds what {source} holds; {_words(changes)}; kept in {kept.path}", changes)

    def _source(self) -> tuple[str, datetime | None] | None:
        """The file, and the moment that it holds, where that is known; None when an undo is wanted and was done already."""
        known = self.folder.exports()
        if self.options["undo"]:
            before = [export for export in known if export.kind in (exports.BEFORE, exports.UNDONE)]
            if not before:
                raise errors.Refused(f"nothing is kept in {self.folder.path} from before an import", "Give source or good_at.")
            if before[-1].kind == exports.UNDONE:
                return None
            return before[-1].proved().path, before[-1].at
        if self.options["good_at"]:
            at = moment.last_of(self.options["good_at"], self.now)
            fitting = [export for export in known if export.at <= at]
            if not fitting:
                oldest = f"; the oldest is of {moment.iso(known[0].at)}" if known else ""
                raise errors.NotRestorable(f"no export in {self.folder.path} is from before {moment.iso(at)}{oldest}", "Give source.")
            return fitting[-1].proved().path, fitting[-1].at
        path = os.path.abspath(self.options["source"])
        export = next((export for export in known if os.path.abspath(export.path) == path), None)
        return (export.proved().path, export.at) if export else (path, None)

    def _look(self) -> Snapshot:
        """What there is, exported to a file that has no name yet."""
        with self._unfinished() as path:
            self.data.export(path)
            return snapshot.read(path)

    @contextmanager
    def _unfinished(self) -> Iterator[str]:
        if not self.run.check:
            yield self.folder.clear()
            return
        with tempfile.TemporaryDirectory(prefix="lastgood-convex-") as there:
            yield os.path.join(there, "now.zip")

    def _compare(self, before: Snapshot, wanted: Snapshot, kept: Export) -> None:
        """Incomplete unless every document is there; those written since by others are told, and no error."""
        since = before.newest
        found = self._look()
        found, newer = snapshot.without_newer(found, wanted, since.timestamp() * 1000 if since else 0)
        if newer:
            self.facts["notes"].append(f"written since by others: {', '.join(f'{n} in {table}' for table, n in newer.items())}")
        if wrong := difference(found, wanted):
            raise errors.Incomplete(
                f"the deployment does not hold what was imported: {_words(wrong)}",
                f"Stop whoever writes, then run the same command again; or go back with undo. What there was is in {kept.path}.",
                differences=wrong,
            )

    def _undo_is_done(self) -> None:
        for export in self.folder.exports():
            if self.options["undo"] and export.kind == exports.UNDOING:
                self.folder.mark(export, exports.UNDONE)

    def _tell_loss(self, changes: dict[str, dict[str, int]], at: datetime | None) -> None:
        seconds = round((self.now - at).total_seconds(), 1) if at else None
        self.facts["loss"] = {"seconds": seconds, "since": moment.iso(at) if at else None, "documents": changes}
        self.run.tell(_words(changes))
        allowed = self.options["max_loss"]
        if allowed is not None and (seconds is None or seconds > allowed):
            raise errors.Refused(
                f"{_words(changes)}, of {moment.span(seconds) if seconds is not None else 'nobody knows how long'}",
                "Choose a newer export, or allow more with max_loss.",
                loss=self.facts["loss"],
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else works on it; check mode leaves nothing behind, no folder either."""
        if self.run.check:
            yield
            return
        with self.folder.locked():
            try:
                yield
            finally:
                with suppress(OSError):
                    self.folder.clear()

    def _result(self, changed: bool, summary: str, changes: dict[str, dict[str, int]] | None = None) -> Result:
        waited = 0.0 if self.run.check else round(time.monotonic() - self.started, 1)
        return {**self.facts, "changed": changed, "summary": summary, "waited": waited, "diff": {"before": {}, "after": changes or {}}}


def _words(changes: dict[str, dict[str, int]]) -> str:
    """C(bookings: 12 lost, 140 come back; tables: 3 changed back)."""
    tables = []
    for table, numbers in changes.items():
        counted = [f"{number} {kind}".replace("_", " ") for kind, number in numbers.items() if number]
        tables.append(f"{table}: {', '.join(counted)}")
    return "; ".join(tables)
