# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row that was looked at and what became of it, a line of JSON each, on disk before anything is final."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.staging import SAME
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.salvage.tables import Connection, Table, names
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    from psycopg import sql
else:
    sql = library("psycopg.sql")

LINE = """
COPY (SELECT json_build_object('table', {table}, 'status', s.lastgood_status, 'row', (SELECT row_to_json(r) FROM (SELECT {columns}) r),
                               'only_in_old', s.lastgood_extra)
        FROM {stage} s WHERE s.lastgood_status <> {same}) TO STDOUT
"""
PLANNED = ".planned"


@contextmanager
def kept(path: str) -> Iterator[Path]:
    """The file to write to, for its owner alone; it gets its name when the block ends well, and stays C(.planned) otherwise."""
    final = Path(path)
    planned = final.with_name(final.name + PLANNED)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(planned, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise Refused(f"{planned} cannot be written: {error.strerror}", "Give another ledger.") from None
    yield planned
    planned.replace(_unused(final))


def write(target: Connection, tables: list[Table], path: Path) -> int:
    """All rows but those that are in both databases already; how many bytes that are."""
    with path.open("wb") as file, understood("writing the ledger"):
        for table in tables:
            query = sql.SQL(LINE).format(
                table=sql.Literal(str(table)), columns=names(table.columns, "s"), stage=table.stage, same=sql.Literal(SAME)
            )
            with target.cursor().copy(query) as lines:
                for line in lines:  # COPY doubles backslashes; JSON has no other sign that it would change
                    file.write(bytes(line).replace(b"\\\\", b"\\"))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def _unused(path: Path) -> Path:
    """An earlier ledger is never written over: it may be all that tells of its rows."""
    number = 1
    found = path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}_{number}{path.suffix}")
    return found
