"""Neither the key nor the password of the database that the vendor tells is in anything that Ansible prints, however much it does."""

from __future__ import annotations

import os
import subprocess

import pytest

from sandbox.testing import ROOT, Box
from tests.contract.database_bench import GOOD, TABLE, Bench, ago
from tests.contract.databases import DATABASES
from tests.postgres.clusters import Cluster

pytestmark = pytest.mark.once


@pytest.mark.parametrize("well", [True, False])
def test_the_most_that_ansible_prints(box: Box, server: Cluster, well: bool) -> None:
    neon = next(one for one in DATABASES if one.name == "neon")
    server.clear()
    server.run(f'CREATE DATABASE "{neon.real}"')
    server.run(TABLE, neon.real)
    server.run("CREATE ROLE planted SUPERUSER LOGIN PASSWORD 'planted-password'")
    box.control("databases", server=server.url(user="planted", password="planted-password"))
    given = {**neon.options(box), "good_at": ago(minutes=20), "poll": 0.05, "health_query": "SELECT true" if well else "SELECT oops"}
    key = given.pop("api_key")
    options = " ".join(f"{name}='{value}'" for name, value in given.items())
    command = ["ansible", "-i", "localhost,", "-c", "local", "localhost", "-m", "lastgood.recovery.neon_branch", "-a", options, "-vvvv"]

    environment = os.environ | {"NEON_API_KEY": key}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)

    printed = done.stdout + done.stderr
    assert (done.returncode == 0) == well, printed
    assert ("serves main-at-" if well else "the health query fails") in printed
    assert "planted-password" not in printed
    assert key not in printed
    assert (Bench(neon, box, server).rows() == GOOD) == well
