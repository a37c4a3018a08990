# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids that were given out already are never given out again: sequences start behind both databases' values.

Otherwise what was written since the backup and is salvaged later meets rows of other people under the same id.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotAllowed
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.server import understood

if TYPE_CHECKING:
    import psycopg
else:
    psycopg = library("psycopg")

Connection = Any
Row = dict[str, Any]
SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename) AS name, last_value AS value, increment_by AS step, cache_size AS cache,
       min_value AS least, max_value AS most,
       has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'USAGE, SELECT') AS readable,
       has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'UPDATE') AS movable
  FROM pg_sequences WHERE schemaname !~ '^pg_'
"""


def moves(live: Connection, other: Connection, margin: int) -> dict[str, int]:
    """By sequence of C(other), the value it has to be set to so that it is past those of both."""
    return past(read(live), read(other), margin)


def past(before: dict[str, Row], after: dict[str, Row], margin: int) -> dict[str, int]:
    """The same, of what was C(read) earlier."""
    hidden = sorted(name for name, row in before.items() if name in after and not row["readable"])
    if hidden:
        raise NotAllowed(f"this role may not read the sequence {hidden[0]}", "Use its owner, or grant USAGE on it.")
    found = {}
    for name, row in after.items():
        used = before.get(name, {}).get("value")
        if used is None:
            continue
        up = row["step"] > 0
        past = used + (1 if up else -1) * (margin + row["cache"]) * abs(row["step"])
        past = min(past, row["most"]) if up else max(past, row["least"])
        if row["value"] is None or (row["value"] < past if up else row["value"] > past):
            found[name] = past
    stuck = sorted(name for name in found if not after[name]["movable"])
    if stuck:
        raise NotAllowed(f"this role may not move the sequence {stuck[0]}", "Use its owner, or grant UPDATE on it.")
    return found


def move(connection: Connection, found: dict[str, int]) -> None:
    """One statement for all."""
    if found:
        with understood("moving the sequences past what was given out"):
            connection.execute(
                "SELECT setval(name::regclass, value) FROM unnest(%s::text[], %s::int8[]) AS s(name, value)",
                [list(found), list(found.values())],
            )


def read(connection: Connection) -> dict[str, Row]:
    """Where each sequence is, by name."""
    with understood("reading the sequences"), connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return {row["name"]: row for row in cursor.execute(SEQUENCES).fetchall()}
