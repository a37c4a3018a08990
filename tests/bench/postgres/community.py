"""The usual Ansible module, community.postgresql.postgresql_db, from the wheel of the PyPI package `ansible`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from sandbox.addresses import HOST
from tests.bench.measuring import ROOT, Cost
from tests.bench.postgres.spent import spent
from tests.bench.ways import ANSIBLE_PLAYBOOK
from tests.postgres.clusters import Cluster
from tests.vendor_clients import Unavailable

PACKAGE = "ansible==14.5.0"
CACHE = ROOT / ".cache" / "bench"
COLLECTION = "ansible_collections/community/postgresql/"


def collections() -> tuple[Path, str]:
    """The folder that holds the collection, and its version; downloaded once."""
    manifest = CACHE / COLLECTION / "MANIFEST.json"
    if not manifest.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(CACHE), PACKAGE]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            raise Unavailable(f"{PACKAGE} cannot be had here")
        wheel = next(CACHE.glob("ansible-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(CACHE, [name for name in archive.namelist() if name.startswith(COLLECTION)])
        wheel.unlink()
    return CACHE, str(json.loads(manifest.read_text())["collection_info"]["version"])


def restore(cluster: Cluster, file: Path) -> tuple[Cost, str]:
    """What the playbook costs, in the time of which nobody is served, and what the module says of its work."""
    folder, _version = collections()
    environment = {
        **os.environ,
        "PATH": f"{cluster.bin}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
    }
    given = json.dumps({"host": HOST, "port": cluster.port, "file": str(file)})
    command = [ANSIBLE_PLAYBOOK, "-i", "localhost,", str(Path(__file__).with_name("community.yml")), "-e", given]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=environment, cwd=folder, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)

    cost, done = spent(cluster, run)
    said = re.search(r"it says: (.*?)\"", done.stdout)
    if said is None:
        raise Unavailable(f"it does not work here: {done.stdout[-500:]}{done.stderr[-500:]}")
    return cost, said.group(1)
