"""The execution environment has what the collection imports and executes, and nothing else."""

from __future__ import annotations

import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.publish import needs
from tests.publish.tools import ROOT, said

pytestmark = pytest.mark.once

BROUGHT = {"botocore": "boto3", "s3transfer": "boto3", "urllib3": "requests"}
"""What comes with another package, which is named."""
CLIENTS = {"postgresql-client", *(f"postgresql{major}" for major in range(14, 19))}
PACKAGES = {
    "git": {"git"},
    "ssh-keygen": {"openssh-clients", "openssh-client"},
    "ssh-add": {"openssh-clients", "openssh-client"},
    "gpg": {"gnupg2", "gnupg"},
    "zstd": {"zstd"},
    "lz4": {"lz4"},
    "npx": {"nodejs", "npm"},
    "pg_dump": CLIENTS,
    "pg_restore": CLIENTS,
    "psql": CLIENTS,
}
"""By program, the packages of Red Hat's and Debian's families that have it."""
ELSEWHERE = {"postgres", "pg_controldata", "pgbackrest"}
"""Only on the machine of a database that is taken to a moment; they are never run on the controller."""
ALWAYS = {"/bin/sh", "ansible-playbook"}


def test_the_builder_takes_exactly_what_the_collection_needs() -> None:
    taken = yaml.safe_load(said("ansible-builder", "introspect", str(ROOT / "collections")).partition("---")[2])
    python = {canonicalize_name(Requirement(line.partition("#")[0]).name) for line in taken["python"]}
    system = {line.split()[0] for line in taken["system"]}

    distributions = {name: canonicalize_name(found[0]) for name, found in packages_distributions().items()}
    imported = needs.libraries()
    assert python == {distributions[BROUGHT.get(name, name)] for name in imported}
    executed = needs.programs() - ELSEWHERE - ALWAYS
    assert executed == set(PACKAGES)
    assert system == set().union(*PACKAGES.values())


def test_the_context_pins_what_is_locked(tmp_path: Path) -> None:
    said("ansible-builder", "create", "-f", str(ROOT / "execution-environment.yml"), "-c", str(tmp_path))

    steps = (tmp_path / "Dockerfile").read_text().splitlines()
    (strip,) = [step.removeprefix("RUN ") for step in steps if "/tmp/constraints.txt" in step and step.startswith("RUN sed")]
    locked, constraints = tmp_path / "_build/locked/requirements.txt", tmp_path / "constraints.txt"
    subprocess.run(strip.replace("/tmp/locked.txt", str(locked)).replace("/tmp/constraints.txt", str(constraints)), shell=True, check=True)
    pinned = [Requirement(line) for line in constraints.read_text().splitlines()]
    names = {canonicalize_name(one.name) for one in pinned}
    wanted = [Requirement(line) for line in (tmp_path / "_build/requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert wanted
    assert [one.name for one in wanted if canonicalize_name(one.name) not in names] == []
    cores = [one for one in pinned if one.name == "ansible-core" and one.marker]
    (core,) = [one for one in cores if one.marker and one.marker.evaluate({"python_full_version": "3.12.0"})]
    assert f"{core.name}{core.specifier} " in next(step for step in steps if "ANSIBLE_INSTALL_REFS=" in step)
