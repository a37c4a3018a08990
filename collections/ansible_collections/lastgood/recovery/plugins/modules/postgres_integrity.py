#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_integrity
short_description: Looks whether a PostgreSQL database is whole, and holds what it should
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Counts the tables that matter and looks how old their newest rows are, looks for rows that point at nothing, and for sequences,
    indexes, constraints, triggers and extensions that do not do their work. Each check gets a verdict.
  - C(OK) means that all of it was looked at and is as it should be; C(BAD) that it is not; C(UNKNOWN) that it could not be looked at,
    because of a missing right, because it took too long, or because nobody can tell.
  - Nothing is changed, neither in check mode nor without. Row-level security that would hide rows makes a check C(UNKNOWN).
requirements:
  - psycopg >= 3.1
options:
  tables:
    description: Tables, and what is expected of them. A table that is missing is C(BAD).
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
        description: How many seconds old the newest of them may be at the moment O(at). Times after that moment do not count.
        type: float
  queries:
    description:
      - Queries of your own, each with one value for an answer, and what is expected of it. They run in a transaction that cannot change
        anything, one statement each.
      - No value, more than one, V(NULL), and a text where a number is expected, are C(UNKNOWN).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the value is called.
        type: str
        required: true
      sql:
        description: The query.
        type: str
        required: true
      equals:
        description: The value, as a number or as text.
        type: str
      at_least:
        description: The least it may be.
        type: float
      at_most:
        description: The most it may be.
        type: float
      may_lose:
        description: How much less it may be than before the rollback, which the journal of O(incident) has from a look with
          O(phase=before). Without that it is C(UNKNOWN); with O(phase=validate) nothing is compared.
        type: float
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module), for
      O(queries[].may_lose). The module has to run where its journal is.
    type: dict
  relations:
    description: Relations that the database has no foreign key for. Those that have one are looked through without being named.
    type: list
    elements: dict
    default: []
    suboptions:
      table:
        description: The table whose rows point at others.
        type: str
        required: true
      columns:
        description: The columns that do.
        type: list
        elements: str
        required: true
      parent:
        description: The table that is pointed at.
        type: str
        required: true
      parent_columns:
        description: The columns there, as many as O(relations[].columns).
        type: list
        elements: str
        default: [id]
  extensions:
    description: Extensions that have to be installed.
    type: list
    elements: str
    default: []
  manifest:
    description: The C(manifest.json) of a backup. The schema of the database has to be the one that is written down in it.
    type: path
  checks:
    description:
      - What to look at beside O(tables), O(relations) and O(manifest).
      - V(foreign_keys) looks for orphans of each foreign key, V(sequences) for those that would give a number that is taken, V(indexes) for
        invalid ones, V(constraints) for those that were never validated, V(triggers) for disabled ones, among them those that keep the
        foreign keys, V(extensions) for those that this server cannot load.
      - V(pages) reads every table and b-tree with amcheck. It needs a superuser and some seconds per gigabyte. Where amcheck is not
        installed, it is for a transaction that is rolled back.
    type: list
    elements: str
    choices: [foreign_keys, sequences, indexes, constraints, triggers, extensions, pages]
    default: [foreign_keys, sequences, indexes, constraints, triggers, extensions]
  every_row:
    description: With V(pages), also look for rows that are missing in an index, which takes about ten times as long.
    type: bool
    default: false
  at:
    description: The moment that the age of the newest rows is reckoned from; now, when it is not given. For a restored database, the
      moment of its backup.
    type: str
  statement_timeout:
    description: How many seconds one statement may take. What takes longer is C(UNKNOWN).
    type: float
    default: 300
  phase:
    description: When in the incident this is, such as V(after restore), for its journal and report.
    type: str
  fail:
    description: Fail unless every check is C(OK). By default what was found is for RV(verdict) to tell.
    type: bool
    default: false
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.http_check
  - module: lastgood.recovery.postgres_activity
"""

EXAMPLES = r"""
- name: Is the shop's database whole?
  lastgood.recovery.postgres_integrity:
    url: "{{ database_url }}"
    tables:
      - {name: users, min_rows: 10000}
      - {name: orders, min_rows: 50000, newest: created_at, no_older_than: 900}
    relations:
      - {table: payments, columns: [order_id], parent: orders}
    queries:
      - {name: paid orders without a payment, sql: "SELECT count(*) FROM orders o LEFT JOIN payments p ON p.order_id = o.id
          WHERE o.status = 'paid' AND p.id IS NULL", equals: "0"}
      - {name: customers, sql: SELECT count(*) FROM customers, at_least: 10000, may_lose: 5}
    incident: "{{ ansible_facts.incident }}"
    phase: after backend
    extensions: [pg_trgm]
  register: integrity

- name: The restored one has to be, before it is swapped in
  lastgood.recovery.postgres_integrity:
    url: "{{ database_url }}"
    login_db: shop_new
    manifest: backups/shop/20261122T0200Z/manifest.json
    checks: [foreign_keys, sequences, indexes, constraints, triggers, extensions, pages]
    fail: true
"""

RETURN = r"""
verdict:
  description: The worst verdict of any check, C(BAD), C(UNKNOWN) or C(OK); C(UNKNOWN) if there was none.
  type: str
  returned: success
  sample: BAD
checks:
  description: What was looked at.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: What it is about.
      type: str
    verdict:
      description: C(OK), C(BAD) or C(UNKNOWN).
      type: str
    expected:
      description: What it should be.
      type: str
    got:
      description: What it is, or why nobody can tell.
      type: str
    seconds:
      description: How long the look took.
      type: float
  sample:
    - name: public.order_items(order_id) → public.orders
      verdict: BAD
      step: null
      expected: a parent for every row
      got: 240 rows without a parent
      body: null
      seconds: 0.61
passed:
  description: How many checks are C(OK).
  type: int
  returned: success
  sample: 11
total:
  description: How many checks there were.
  type: int
  returned: success
  sample: 12
summary:
  description: All of it in one sentence.
  type: str
  returned: success
  sample: "11 of 12 checks pass; public.order_items(order_id) → public.orders: expected a parent for every row, got 240 rows"
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Name a file that a capture has written.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres import integrity


def main() -> None:
    run_as_module(integrity.CHECK)


if __name__ == "__main__":
    main()
