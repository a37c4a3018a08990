# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restored instance has to be given: RDS makes it with the default security group, parameter group and network, in one zone."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]

TAG = "lastgood:"
PREPARED, FAMILY, KEPT, UNDONE = f"{TAG}prepared-as", f"{TAG}of", f"{TAG}kept-at", f"{TAG}undone"
_SAME = (
    "DBInstanceClass",
    "MultiAZ",
    "PubliclyAccessible",
    "AutoMinorVersionUpgrade",
    "CopyTagsToSnapshot",
    "LicenseModel",
    "StorageType",
    "NetworkType",
    "BackupTarget",
    "BackupRetentionPeriod",
    "PreferredBackupWindow",
    "CACertificateIdentifier",
    "DedicatedLogVolume",
    "EngineLifecycleSupport",
    "ProcessorFeatures",
    "CustomIamInstanceProfile",
)
"""What the restore takes under the name that the description has."""
_LATER = {
    "PreferredMaintenanceWindow": "PreferredMaintenanceWindow",
    "MaxAllocatedStorage": "MaxAllocatedStorage",
    "MonitoringInterval": "MonitoringInterval",
    "MonitoringRoleArn": "MonitoringRoleArn",
    "DatabaseInsightsMode": "DatabaseInsightsMode",
    "PerformanceInsightsEnabled": "EnablePerformanceInsights",
    "PerformanceInsightsKMSKeyId": "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "PreferredBackupWindow": "PreferredBackupWindow",
    "IAMDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "DeletionProtection": "DeletionProtection",
}
"""By the description's name, what ModifyDBInstance has to be told, because a restore does not take it, or not from every engine."""
BASE_IOPS, BASE_THROUGHPUT = 3000, 125
"""What gp3 has anyway, and refuses to be told for a small volume."""


def for_restore(row: Row, name: str) -> Row:
    """Parameters of a restore that make the new instance as that one is; C(name) is noted on it, whatever it is called later."""
    given = {key: row[key] for key in _SAME if row.get(key) not in (None, "", [])}
    provisioned = row.get("StorageType") in ("io1", "io2")
    iops, throughput = row.get("Iops") or 0, row.get("StorageThroughput") or 0
    memberships = [one for one in row.get("DomainMemberships") or [] if one.get("Domain") and one.get("IAMRoleName")]
    more = {
        "AvailabilityZone": None if row.get("MultiAZ") else row.get("AvailabilityZone"),
        "DBSubnetGroupName": (row.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "VpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in row.get("VpcSecurityGroups") or []],
        "DBParameterGroupName": _own(group["DBParameterGroupName"] for group in row.get("DBParameterGroups") or []),
        "OptionGroupName": _own(group["OptionGroupName"] for group in row.get("OptionGroupMemberships") or []),
        "Port": (row.get("Endpoint") or {}).get("Port"),
        "Iops": iops if provisioned or iops > BASE_IOPS else None,
        "StorageThroughput": throughput if throughput > BASE_THROUGHPUT else None,
        "EnableIAMDatabaseAuthentication": row.get("IAMDatabaseAuthenticationEnabled"),
        "EnableCloudwatchLogsExports": row.get("EnabledCloudwatchLogsExports"),
        "EnableCustomerOwnedIp": row.get("CustomerOwnedIpEnabled") or None,
        "Domain": memberships[0]["Domain"] if memberships else None,
        "DomainIAMRoleName": memberships[0]["IAMRoleName"] if memberships else None,
        "ManageMasterUserPassword": bool(row.get("MasterUserSecret")) or None,
        "MasterUserSecretKmsKeyId": (row.get("MasterUserSecret") or {}).get("KmsKeyId"),
    }
    # Not protected yet: one that failed, or that nobody wants, has to go again.
    own = [{"Key": PREPARED, "Value": name}, {"Key": FAMILY, "Value": row["DBInstanceIdentifier"]}]
    theirs = [tag for tag in row.get("TagList") or [] if not tag["Key"].startswith(("aws:", TAG))]
    return {**given, **{key: value for key, value in more.items() if value}, "DeletionProtection": False, "Tags": theirs + own}


def _own(groups: Iterable[str]) -> str | None:
    """The group that is no default: those belong to a major version, which a snapshot may be older than, and RDS takes the right one."""
    return next((group for group in groups if not group.startswith(("default:", "default."))), None)


def still_different(old: Row, new: Row) -> Row:
    """Parameters of ModifyDBInstance that make the new one as the old one is, where the restore could not."""
    wanted = {key: value for key, value in old.items() if key in _LATER and value not in (None, "")}
    if not wanted.get("PerformanceInsightsEnabled"):
        wanted = {key: value for key, value in wanted.items() if not key.startswith("PerformanceInsights")}
    if not wanted.get("MonitoringInterval"):
        wanted.pop("MonitoringRoleArn", None)
    changes = {_LATER[key]: value for key, value in wanted.items() if new.get(key) != value}
    if "MonitoringInterval" in changes and wanted.get("MonitoringRoleArn"):
        changes["MonitoringRoleArn"] = wanted["MonitoringRoleArn"]
    groups = [group["VpcSecurityGroupId"] for group in old.get("VpcSecurityGroups") or []]
    if set(groups) != {group["VpcSecurityGroupId"] for group in new.get("VpcSecurityGroups") or []}:
        changes["VpcSecurityGroupIds"] = groups
    return changes


def missing_roles(old: Row, new: Row) -> list[tuple[str, str]]:
    """Role and feature, such as s3Import, of the old one's roles that the new one lacks."""

    def roles(row: Row) -> set[tuple[str, str]]:
        return {(role["RoleArn"], role.get("FeatureName") or "") for role in row.get("AssociatedRoles") or []}

    return sorted(roles(old) - roles(new))


def tags(row: Row) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in row.get("TagList") or []}
