# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How a database takes the name of another."""

    DOCUMENTATION = r"""
options:
  keep_as:
    description: The name that the old database is kept under. The name with C(_old_) and the time, in UTC, when it is not given.
    type: str
  health_query:
    description:
      - Asked of the new database by a new connection right after the swap. No row, null or false means that it is not well, and the old
        one gets its name back.
    type: str
    default: SELECT true
  health_timeout:
    description: How many seconds it may take until it is well.
    type: float
    default: 10
  end_timeout:
    description: How many seconds the sessions may take to end.
    type: float
    default: 10
  sequence_margin:
    description:
      - How many ids each sequence leaves out behind the greatest that either database has given out, so that nothing that is salvaged
        from the old one meets another row under its id.
    type: int
    default: 100
  with_slots:
    description: Go ahead although the database has logical replication slots, which stay with the old one.
    type: bool
    default: false
  pgbouncer_url:
    description:
      - Address of PgBouncer's admin console, such as V(postgresql://admin@pooler.example.com:6432/pgbouncer). Clients wait there during the
        swap, and lose no connection.
    type: str
  pgbouncer_database:
    description: The name of the database in PgBouncer, where it is another one.
    type: str
  pause_timeout:
    description: How many seconds running transactions get in PgBouncer before they are ended.
    type: float
    default: 5
"""
