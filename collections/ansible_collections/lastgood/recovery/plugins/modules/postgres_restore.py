#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_restore
short_description: Restores a PostgreSQL database beside the live one, proves it, and only then lets it take the name
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Reads all of a backup before anything else, says what would be lost since it was taken, loads it into a new database with the client
    programs of the server's version, compares that with the manifest, copies owner, rights and settings from the live database, and swaps
    as M(lastgood.recovery.postgres_swap) does. Writers are shut out for a fraction of a second. The old database is kept.
  - A dump without a manifest is recognised by its content, whatever it is called (plain SQL, custom, directory, tar; in gzip, zstd, lz4,
    bzip2, xz, age or GnuPG); its rows are counted in it, and RV(looked_at) says what could be checked.
  - Whatever goes wrong before the swap, the live database is as it was, and nothing is left of the new one. The same command again changes
    nothing once it was done.
requirements:
  - psycopg
  - pg_restore or psql of the server's major version
  - pyrage for backups that age has encrypted; zstd, lz4 or gpg for dumps wrapped in that
  - boto3 for what is in S3
options:
  source:
    description: A backup, or the file or directory of any dump; here, or in S3 as V(s3://BUCKET/KEY).
    type: path
  destination:
    description:
      - The directory that backups are kept in, or V(s3://BUCKET/PREFIX). The newest is taken, or the newest from before O(good_at).
    type: path
  good_at:
    description:
      - A moment at which the data was good.
      - ISO 8601, in UTC unless it says otherwise; or V(HH:MM), the last time the clock showed that in UTC.
    type: str
  pgbackrest_stanza:
    description:
      - Restore the database as it was at O(good_at), to the commit. pgBackRest restores the cluster beside, in O(scratch); it is started
        there on a socket of its own, stopped at that moment, and this one database is dumped from it and restored as from a backup.
      - This runs where pgBackRest and the server's programs are, as a rule the host of the database, with C(become_user) the owner of the
        cluster. As root it starts them as that user. The server's log is closed and archived first, which needs C(pg_switch_wal).
      - With O(destination), what was dumped stays there as a backup of that moment. Otherwise nothing is left.
    type: str
  pgbackrest_config:
    description: The configuration file of pgBackRest, where it is not the usual one.
    type: path
  from_database:
    description: The name that the database had when the backup was taken, where it was another.
    type: str
  mode:
    description:
      - V(beside) restores and swaps. A ready copy of the same backup is used when there is one.
      - V(ready_copy) restores and proves it, and keeps it for an emergency, in place of an older one.
      - V(rehearsal) restores and proves it under a name of its own, RV(rehearsal), to be looked at. The next one drops it, and so does
        O(lastgood.recovery.postgres_swap#module:purge).
      - V(in_place) is for hosts where no second database can be made. What there is is saved in O(emergency_backup), then removed, loaded
        and proved in one transaction, by one process. It is the old content or the new, whatever happens. Nobody can write meanwhile, nor
        read while it is loaded; clients wait, and those that are in a transaction are ended. It needs as much room as the others.
      - V(schema) is for such hosts too, and shuts nobody out. It restores on the server of O(scratch_url), gives the schemas other names
        there, brings them over beside those that serve, proves them, and swaps schemas by name in one transaction under locks. The old ones
        are kept under dated names; M(lastgood.recovery.postgres_schema_swap) undoes it.
    type: str
    choices: [beside, ready_copy, rehearsal, in_place, schema]
    default: beside
  emergency_backup:
    description: The directory for a backup of what O(mode=in_place) replaces, which needs it. Restoring that one in place undoes it.
    type: path
  scratch_url:
    description: Another server of the same major version, where this role may make databases, with O(mode=schema), which needs it.
    type: str
  max_loss:
    description: Refuse when the backup is older than so many seconds.
    type: float
  create_roles:
    description: Create roles that the dump names and the server lacks, without a right to log in.
    type: bool
    default: false
  no_owner:
    description:
      - Leave out whom what is in the dump belongs to, and who has rights on it, for roles that are not there and must not be created.
        Plain SQL that names roles is refused, since it cannot be run in another way than it is.
    type: bool
    default: false
  session_role:
    description: The role to become before loading. With O(no_owner), all belongs to it; otherwise to the role that connects.
    type: str
  free_space:
    description: Free bytes on the server, where this machine cannot see them. Seen when the server runs on this machine.
    type: int
  jobs:
    description: How many processes load at once. As many as there are processors, and at most eight, when it is not given.
    type: int
  bin_dir:
    description: The directory with PostgreSQL's client programs, where they are in none of the usual places.
    type: path
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.postgres_swap
  - lastgood.recovery.postgres_keys
  - lastgood.recovery.aws
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.postgres_backup
  - module: lastgood.recovery.postgres_swap
  - module: lastgood.recovery.postgres_schema_swap
  - module: lastgood.recovery.postgres_salvage
"""

EXAMPLES = r"""
- name: Go back to the data from before the migration
  lastgood.recovery.postgres_restore:
    url: "{{ database_url }}"
    destination: /var/backups/postgres
    good_at: "02:37"

- name: Restore what a colleague has dumped by hand
  lastgood.recovery.postgres_restore:
    url: "{{ database_url }}"
    source: /tmp/shop.sql.gz

- name: Go back to the second before the migration, in the only database of many that it has hit
  lastgood.recovery.postgres_restore:
    url: "{{ database_url }}"
    pgbackrest_stanza: main
    good_at: "2026-11-22T02:37:41Z"
    scratch: /var/lib/postgresql/scratch
  become: true
  become_user: postgres

- name: Have the last backup ready, so that an emergency takes a second
  lastgood.recovery.postgres_restore:
    url: "{{ database_url }}"
    destination: /var/backups/postgres
    mode: ready_copy

- name: Restore where the host allows one database only
  lastgood.recovery.postgres_restore:
    url: "{{ database_url }}"
    maintenance_db: shop
    destination: /var/backups/postgres
    mode: in_place
    emergency_backup: /var/backups/emergency
    no_owner: true
"""

RETURN = r"""
source:
  description:
    - What was restored from. C(dated_by) says where C(taken_at) is known from, the manifest, what a dump says itself (an archive's header,
      the comment that C(--verbose) writes), or only the time of its file.
    - C(point_in_time), with O(pgbackrest_stanza), has the C(stanza), the backup C(set), the C(target), and C(reached), the last commit that
      is in it.
  returned: success
  type: dict
  sample: {form: directory, taken_at: "2026-11-22T02:30:00.120Z", dated_by: the manifest, identity: 5f0c1d}
loss:
  description:
    - How many seconds the backup is old, and by table how many rows were C(written) (inserted or updated) since, and C(changed_or_deleted).
      Where only numbers of rows can be compared, their C(difference). Null when there was no live database.
  returned: success
  type: dict
  sample: {since: "2026-11-22T02:30:00.120Z", seconds: 1623.2, rows: 312, tables: {public.orders: {written: 312, changed_or_deleted: 4}}}
looked_at:
  description: How it was proved, and what could not be.
  returned: success
  type: list
  elements: str
  sample: ["as the manifest says: 11 200 000 rows in 6 tables, 5 sequences, greatest keys, newest times, every definition"]
notes:
  description: What people should know of the swap, such as transactions that are rolled back.
  returned: success
  type: list
  elements: str
  sample: [12 sessions are ended]
kept:
  description: The name that the old database is kept under.
  returned: success
  type: str
  sample: shop_old_20261122_030112
kept_schemas:
  description: By schema, the name that the old one is kept under, with O(mode=schema).
  returned: success
  type: dict
  sample: {public: public_old_20261122_030112}
emergency_backup:
  description: The backup of what was replaced, with O(mode=in_place).
  returned: success
  type: dict
  sample: {path: /var/backups/emergency/shop/20261122T030112.000000Z, database: shop, rows: 11200312}
rehearsal:
  description: The name of what was restored to be looked at, with O(mode=rehearsal); null in check mode.
  returned: success
  type: str
  sample: shop_rehearsal_20261122_030112
ready:
  description: The name of the ready copy, with O(mode=ready_copy).
  returned: success
  type: str
  sample: shop_ready_20261122_030112
closed:
  description:
    - Seconds that nobody could connect. With O(mode=in_place), that nobody could write; with O(mode=schema), that the tables were locked.
  returned: success
  type: float
  sample: 0.21
ended:
  description: Sessions that were ended.
  returned: success
  type: int
  sample: 12
sequences:
  description: Sequences that were moved past all ids that were given out, with their new values.
  returned: success
  type: dict
  sample: {public.orders_id_seq: 1500101}
settings:
  description: Names of the settings that were copied from the live database.
  returned: success
  type: list
  elements: str
  sample: [search_path]
roles_created:
  description: Roles that were created.
  returned: success
  type: list
  elements: str
  sample: []
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 18.9
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Choose another backup.
progress:
  description: What it told last while it ran, if it had told anything.
  returned: failure
  type: str
  sample: "loading shop_restoring_20261122_023000: 812 MB, 61 MB/s"
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: BadBackup
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE


def main() -> None:
    run_as_module(RESTORE)


if __name__ == "__main__":
    main()
