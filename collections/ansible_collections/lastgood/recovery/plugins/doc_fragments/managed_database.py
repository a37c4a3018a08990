# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The options that every module of a managed database has, whatever the vendor."""

    DOCUMENTATION = r"""
options:
  good_at:
    description:
      - A moment at which the data was good, such as V(02:37) or V(2026-11-22T02:37:00Z); UTC, in whole seconds.
      - Where the vendor can go back to that very moment it does; before that window, and where there is none, the newest backup until then.
    type: str
  backup:
    description: The vendor's id of a backup to go back to.
    type: str
  place:
    description: Id or name of a database there is already beside the one that serves, prepared or kept, that is to serve.
    type: str
  undo:
    description: The one that served before the newest of these runs is to serve again. Asked for twice, it is done once.
    type: bool
  serve:
    description: Whether it is to serve. V(false) prepares and proves it, and leaves what serves alone.
    type: bool
    default: true
  keep_as:
    description:
      - What the database that served until then is called afterwards; C(NAME-old-TIME) when it is not given.
      - O(undo) finds one that has a name of its own only where the vendor tells when it was taken out of service; O(place) finds every one.
    type: str
  max_loss:
    description: Refuse when more seconds than this lie between what is gone back to and now.
    type: float
  expectations:
    description: Tables, and what is expected of them. All of it has to be so before the new database serves.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the table, written exactly as it is, with or without its schema in front.
        type: str
        required: true
      min_rows:
        description: The fewest rows it may have.
        type: int
        default: 1
      max_rows:
        description: The most rows it may have.
        type: int
      newest:
        description: A column with times, such as V(created_at). Times without a zone are UTC.
        type: str
      no_older_than:
        description: How many seconds old the newest of them may be at the moment that is gone back to.
        type: float
  checks:
    description: What else has to be well before it serves, as in M(lastgood.recovery.postgres_integrity).
    type: list
    elements: str
    choices: [foreign_keys, sequences, indexes, constraints, triggers, extensions, pages]
    default: []
  health_query:
    description:
      - A query that the new database is asked before it serves, and what serves afterwards. One row whose first column is neither false nor
        null says that it is well. When it is not well afterwards, the old database serves again.
    type: str
    default: SELECT true
  health_timeout:
    description: How many seconds what serves may take to answer, since connections are cut when another takes its place.
    type: float
    default: 60
  timeout:
    description: How many seconds each of the vendor's steps may take.
    type: float
    default: 1800
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 5
requirements:
  - requests
  - psycopg >= 3.1
seealso:
  - module: lastgood.recovery.postgres_integrity
  - module: lastgood.recovery.postgres_salvage
"""
