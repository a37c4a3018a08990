"""The servers of these tests: real ones, that can be killed and come back."""

from __future__ import annotations

from tests.postgres.clusters import Cluster


def test_a_server_of_each_version_survives_being_killed(cluster: Cluster) -> None:
    cluster.run("CREATE DATABASE shop")
    cluster.run("CREATE TABLE users (id int);\nINSERT INTO users SELECT generate_series(1, 100)", "shop")
    cluster.kill()
    cluster.start()
    assert cluster.rows("SELECT count(*) FROM users", "shop") == [(100,)]
    assert cluster.rows("SHOW server_version_num")[0][0].startswith(str(cluster.major))
    cluster.clear()
    assert cluster.databases() == []
