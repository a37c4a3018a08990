# SPDX-License-Identifier: GPL-3.0-or-later
"""Amazon RDS: a restore is always another instance, with defaults in place of what the old one had."""
from __future__ import annotations

from ansible_collections.lastgood.recovery.plugins.module_utils.providers.rds.access import OPTIONS, written
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.rds.database import RdsDatabase
from ansible_collections.lastgood.recovery.plugins.module_utils.vendor import Vendor

VENDOR = Vendor(name="rds", place="region/db_instance_identifier", options=OPTIONS, parts={"database": RdsDatabase}, written=written)
