#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_backup
short_description: Takes a backup of a PostgreSQL database, with a manifest that proves what is in it
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Dumps a database with the C(pg_dump) of the server's own major version, and counts what the database holds in the very snapshot that
    the dump is made from. A restore is compared with that.
  - The backup is a directory C(DESTINATION/DATABASE/TIME/) with the dump and C(manifest.json), which is written last, with the SHA-256 of
    every file. Without it, it is not a backup, and nothing ever restores from it. What could not be finished is removed.
  - In S3 the same lies below a prefix. It is put together in O(scratch), read back, sent with the SHA-256 of each part, and compared with
    what S3 says it holds before the manifest follows. Backups are never removed or written over; how long they are kept is for the bucket's
    rules to say, and its versions or object lock keep them from others.
  - The manifest is not encrypted. It holds the definitions of tables, views and constraints, counts, and the greatest keys and newest
    times, but no other values.
requirements:
  - psycopg
  - pg_dump and pg_restore of the server's major version
  - pyrage, with O(age_recipients)
  - gpg (GnuPG 2.1.14 or later), with O(gpg_recipients)
  - boto3, with an O(destination) in S3; the rights s3:PutObject, s3:AbortMultipartUpload and, with O(verify), s3:GetObject;
    s3:DeleteObject to clear away what could not be finished
options:
  destination:
    description: The directory that backups are kept in, or V(s3://BUCKET/PREFIX).
    type: path
    required: true
  jobs:
    description: How many processes dump at once. As many as there are processors, and at most eight, when it is not given.
    type: int
  bin_dir:
    description: The directory with PostgreSQL's client programs, where they are in none of the usual places.
    type: path
  age_recipients:
    description:
      - Public keys of age (C(age1…) or C(ssh-ed25519 …)) that the dump is encrypted for. It is encrypted on its way, by one process.
    type: list
    elements: str
    default: []
  gpg_recipients:
    description:
      - Keys of GnuPG that the dump is encrypted for, instead of O(age_recipients). Each is the whole fingerprint of a key in the keyring,
        or a file with the public key.
    type: list
    elements: str
    default: []
  gpg_home:
    description: The directory with GnuPG's keyring. That of the user who runs the module, when it is not given.
    type: path
  scratch:
    description: A directory that a backup for S3 is put together in. The system's own for such things, when it is not given.
    type: path
  verify:
    description:
      - Read the dump back, every block of it, before it is called a backup. An encrypted one cannot be.
      - In S3, also compare what was sent with the SHA-256 that S3 tells, or where it tells none, with what it gives back.
    type: bool
    default: true
extends_documentation_fragment:
  - lastgood.recovery.postgres
  - lastgood.recovery.aws
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.postgres_backup_info
  - module: lastgood.recovery.postgres_restore
"""

EXAMPLES = r"""
- name: Keep what is there before the migration
  lastgood.recovery.postgres_backup:
    url: "{{ database_url }}"
    destination: /var/backups/postgres

- name: Keep it where this machine's end is not its own, for those only who have the key
  lastgood.recovery.postgres_backup:
    url: "{{ database_url }}"
    destination: s3://example-backups/postgres
    region: eu-west-1
    gpg_recipients: [0D69E11F12BDBA077B3726AB4E1F799AA4FF2279]
"""

RETURN = r"""
backup:
  description: The backup that was taken. Null in check mode.
  returned: success
  type: dict
  sample:
    path: /var/backups/postgres/shop/20261122T023000.120000Z
    database: shop
    taken_at: "2026-11-22T02:30:00.120000Z"
    server_version: PostgreSQL 15.18
    size: 126401212
    tables: 6
    rows: 11200000
    encrypted: false
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 9.7
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Install the client package of PostgreSQL 15, or name its directory with bin_dir.
progress:
  description: What it told last while it ran, if it had told anything.
  returned: failure
  type: str
  sample: "counting what shop holds … 10 s"
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP


def main() -> None:
    run_as_module(BACKUP)


if __name__ == "__main__":
    main()
