from __future__ import annotations

from tests.aws.conftest import account, cluster, nobody

__all__ = ["account", "cluster", "nobody"]
