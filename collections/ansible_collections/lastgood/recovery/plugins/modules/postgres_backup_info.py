#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: postgres_backup_info
short_description: Lists the backups of PostgreSQL databases, and proves by their content that they are whole
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Lists what M(lastgood.recovery.postgres_backup) has written. With O(verify) every file is compared with the SHA-256 in the manifest, and
    every block of the dump is read. What is in S3 is fetched for that.
  - Changes nothing and needs no server.
requirements:
  - pg_restore of the server's major version, with O(verify)
  - pyrage, with O(age_identity); gpg for what GnuPG has encrypted
  - boto3, with an O(destination) in S3
options:
  destination:
    description: The directory that backups are kept in, or V(s3://BUCKET/PREFIX).
    type: path
    required: true
  database:
    description: The database whose backups are wanted; all when it is not given.
    type: str
  good_at:
    description:
      - RV(newest) is the newest backup that was taken by then; the newest of all when it is not given.
      - ISO 8601, in UTC unless it says otherwise; or V(HH:MM), the last time the clock showed that in UTC.
    type: str
  verify:
    description: Whether to read all of every backup.
    type: bool
    default: false
  bin_dir:
    description: The directory with PostgreSQL's client programs, where they are in none of the usual places.
    type: path
extends_documentation_fragment:
  - lastgood.recovery.postgres_keys
  - lastgood.recovery.aws
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.postgres_backup
"""

EXAMPLES = r"""
- name: See whether last night's backup could be restored
  lastgood.recovery.postgres_backup_info:
    destination: /var/backups/postgres
    database: shop
    verify: true
  register: backups
"""

RETURN = r"""
backups:
  description: All of them, oldest first, and then what looks like a backup and is none.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Its directory, or its address in S3.
      type: str
      returned: always
      sample: /var/backups/postgres/shop/20261122T023000.120000Z
    state:
      description:
        - V(whole) when all of it was read; V(finished) when it was not asked to be; V(damaged) or V(unfinished) when nothing can be
          restored from it.
      type: str
      returned: always
      sample: whole
    problems:
      description: What is wrong with it.
      type: list
      elements: str
      returned: always
      sample: []
    looked_at:
      description: How closely was looked.
      type: str
      returned: always
      sample: the SHA-256 of every file, and every block of the dump
newest:
  description: The one that a restore would take. Null when there is none.
  returned: success
  type: dict
  sample: {path: /var/backups/postgres/shop/20261122T023000.120000Z, state: whole}
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup_info import INFO


def main() -> None:
    run_as_module(INFO)


if __name__ == "__main__":
    main()
