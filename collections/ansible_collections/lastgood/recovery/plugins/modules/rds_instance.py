#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rds_instance
short_description: Takes an Amazon RDS instance back to a moment or a snapshot
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Restores to a new instance beside the one that serves, proves it through its own address, and then lets the two swap names. The address
    of an instance is made from its name, so applications need no other one. What served is kept under a dated name.
  - RDS gives a restored instance the default security group and parameter group, one zone and no protection. It is given what the old one
    has. Class, zones, subnet group, security groups, parameter and option group, port, storage, public access, IAM authentication, log
    exports, monitoring, Performance Insights, backups, maintenance window, roles, tags, and protection from deletion.
  - A run that was cut off anywhere is seen through by the same command, also between the two renames, when the address leads nowhere.
  - Members of an Aurora cluster are refused, since it is the cluster that is restored.
options:
  db_instance_identifier:
    description: Name of the instance that serves.
    type: str
    required: true
    aliases: [instance_id, id]
  url:
    description:
      - Address of the database as applications have it. The role, the password and the database in it are what new instances are proved
        with, at their own hosts. Without it nobody connects.
      - Taken from E(DATABASE_URL) when it is not given.
    type: str
requirements:
  - boto3
notes:
  - Between the two renames the address leads to no instance. Stop writers first, as with M(lastgood.recovery.postgres_activity).
  - Read replicas, RDS Proxy, alarms, and whatever else knows the instance by its ARN or resource id, stay with the old one.
  - A password that AWS Secrets Manager holds for the master user is another one after a restore.
  - Tags beginning with C(aws:) cannot be copied, so that CloudFormation does not take the new instance for its own.
  - Actions to allow in IAM are rds:DescribeDBInstances, rds:DescribeDBSnapshots, rds:DescribeDBInstanceAutomatedBackups,
    rds:RestoreDBInstanceToPointInTime, rds:RestoreDBInstanceFromDBSnapshot, rds:ModifyDBInstance, rds:AddTagsToResource,
    rds:DeleteDBInstance (of a restore that failed), rds:AddRoleToDBInstance and iam:PassRole (where it has roles).
extends_documentation_fragment:
  - lastgood.recovery.aws
  - lastgood.recovery.reach
  - lastgood.recovery.managed_database
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
"""

EXAMPLES = r"""
- name: As it was at 02:37
  lastgood.recovery.rds_instance:
    region: eu-west-1
    db_instance_identifier: shop
    good_at: "02:37"
    expectations:
      - {name: orders, min_rows: 1000}

- name: As it was before that
  lastgood.recovery.rds_instance:
    region: eu-west-1
    db_instance_identifier: shop
    undo: true
"""

RETURN = r"""
serves:
  description: The instance that serves now; C(prepared_as) is the name it was restored under, C(holds) the moment.
  returned: success
  type: dict
  sample: {id: db-7TRK2, name: shop, prepared_as: shop-at-20261122t023700, holds: "2026-11-22T02:37:00.000Z"}
kept:
  description: The instance that served before, in the same form.
  returned: success
  type: dict
  sample: {id: db-3QXV5, name: shop-old-20261122t094500, prepared_as: null, holds: null}
prepared:
  description: The instance that was restored and proved, in the same form.
  returned: success
  type: dict
  sample: {id: db-7TRK2, name: shop-at-20261122t023700, prepared_as: shop-at-20261122t023700, holds: "2026-11-22T02:37:00.000Z"}
loss:
  description: How many seconds were written that the new instance does not have, and since when.
  returned: success
  type: dict
  sample: {seconds: 25680.0, since: "2026-11-22T02:37:00.000Z"}
window:
  description: The earliest and the latest moment that could be gone back to; null when RDS knows none.
  returned: success
  type: list
  elements: str
  sample: ["2026-11-15T00:00:00.000Z", "2026-11-22T09:40:00.000Z"]
looked_at:
  description: What the new instance was proved with, in words.
  returned: success
  type: list
  elements: str
  sample: [a new connection to shop-at-20261122t023700, "the health query, SELECT true"]
checks:
  description: The verdicts on O(expectations) and O(checks), as in M(lastgood.recovery.postgres_integrity).
  returned: success
  type: list
  elements: dict
  sample: [{name: "orders: rows", verdict: OK, expected: at least 1000, got: 1500000}]
notes:
  description: What did not work and does no harm.
  returned: success
  type: list
  elements: str
  sample: []
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 1130.4
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Choose a later moment or a newer backup, or allow more with max_loss."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NotRestorable
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import managed_database
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import rds


def main() -> None:
    run_as_module(managed_database.operation(rds.VENDOR))


if __name__ == "__main__":
    main()
