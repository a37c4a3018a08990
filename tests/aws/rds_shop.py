"""The instance that the tests of Amazon RDS take back."""

from __future__ import annotations

from typing import Any

SHOP: dict[str, Any] = {
    "VpcSecurityGroupIds": ["sg-0a1b2c3d"],
    "DBParameterGroupName": "shop16",
    "MultiAZ": True,
    "PubliclyAccessible": True,
    "BackupRetentionPeriod": 7,
    "PreferredBackupWindow": "04:00-04:30",
    "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
    "CopyTagsToSnapshot": True,
    "DeletionProtection": True,
    "EnableIAMDatabaseAuthentication": True,
    "EnableCloudwatchLogsExports": ["postgresql"],
    "StorageType": "io1",
    "Iops": 3000,
    "MonitoringInterval": 60,
    "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring",
    "Tags": [{"Key": "team", "Value": "checkout"}, {"Key": "aws:cloudformation:stack-name", "Value": "shop"}],
}
"""What the instance C(shop) is like: nothing of it is a default."""
