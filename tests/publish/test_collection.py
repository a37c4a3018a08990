"""The tarball that would be published is all that a rollback takes, with the packages that the execution environment names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from sandbox.testing import running
from tests.playbooks.looking import checkout_works, served
from tests.publish.tools import COLLECTION, ROOT, built, said

pytestmark = pytest.mark.once

RUBBISH = ("__pycache__", ".pyc", ".tar.gz", "tests/output", ".cache", "molecule")
PARTS = ("policies", "messages", "runbook_rules", "schemas", "controls", "checklists")


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("tarball"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has ansible-core and what the builder takes from the collection, in the locked versions."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    uv = shutil.which("uv")
    assert uv
    constraints = environment.with_name("constraints.txt")
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    constraints.write_text("".join(line.rstrip("\\") + "\n" for line in lines if "==" in line))
    taken = yaml.safe_load(said("ansible-builder", "introspect", str(ROOT / "collections")).partition("---")[2])
    wanted = ["ansible-core", *(line.partition("#")[0].strip() for line in taken["python"])]
    subprocess.run([uv, "venv", "--quiet", str(environment)], check=True)
    python = environment / "bin/python"
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-c", str(constraints)]
    subprocess.run([*install, *wanted], check=True)
    return python


def test_it_has_everything_and_no_rubbish(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = set(archive.getnames())
        changes = archive.extractfile("CHANGELOG.md")
        assert changes
        assert changes.read() == (ROOT / "CHANGELOG.md").read_bytes()
    paths = [path for part in (*PARTS, "plugins", "roles") for path in (COLLECTION / part).rglob("*")]
    files = {str(path.relative_to(COLLECTION)) for path in paths if path.is_file()}
    assert {name for name in files if "__pycache__" not in name} - names == set()
    assert [name for name in names if any(part in name for part in RUBBISH)] == []
    assert "meta/execution-environment.yml" in names


def test_roles_are_described_in_one_way() -> None:
    for role in sorted((COLLECTION / "roles").iterdir()):
        described = yaml.safe_load((role / "meta/main.yml").read_text())["galaxy_info"]["description"]
        assert described == yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["short_description"]


def test_a_rollback_runs_from_the_installed_collection_alone(tarball: Path, python: Path, tmp_path: Path) -> None:
    installed, project, store = tmp_path / "installed", tmp_path / "project", tmp_path / "incidents"
    programs = python.parent
    for part in ("playbooks", "inventories"):
        shutil.copytree(ROOT / part, project / part)
    for part in ("ansible.cfg", "rollback-checkout.yml"):
        shutil.copy(ROOT / part, project / part)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_") and name != "PYTHONPATH"}
    clean |= {"ANSIBLE_COLLECTIONS_PATH": str(installed), "ANSIBLE_HOME": str(tmp_path / "home")}
    galaxy = [str(programs / "ansible-galaxy"), "collection"]
    install = [*galaxy, "install", "--offline", str(tarball), "-p", str(installed)]
    subprocess.run(install, cwd=project, env=clean, check=True, capture_output=True)
    verify = [*galaxy, "verify", "--offline", "lastgood.recovery"]
    verified = subprocess.run(verify, cwd=project, env=clean, capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "Successfully verified" in verified.stdout

    with running() as box:
        before = served(box)
        box.ship("storefront", "breaks-checkout")
        environment = clean | {"LASTGOOD_SANDBOX_PORT": str(box.port), "LASTGOOD_SANDBOX_STATE": str(box.state_dir)}
        extra = json.dumps({"incident_store": str(store), "severity": "P0"})
        command = [str(programs / "ansible-playbook"), "rollback-checkout.yml", "-e", extra]
        ran = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=240, check=False)

        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "RESTORED" in ran.stdout
        assert served(box) == before
        assert checkout_works(box)


@pytest.mark.skipif(not os.environ.get("LASTGOOD_IMPORTER"), reason="LASTGOOD_IMPORTER=1 asks galaxy-importer, which takes a minute")
def test_galaxy_has_nothing_to_say_about_it(tarball: Path, tmp_path: Path) -> None:
    settings = tmp_path / "galaxy-importer.cfg"
    settings.write_text("[galaxy-importer]\nRUN_ANSIBLE_TEST = False\nCHECK_CHANGELOG = True\nCHECK_REQUIRED_TAGS = True\n")
    told = said("sh", "-c", f"cd '{tmp_path}' && python -m galaxy_importer.main '{tarball}'", GALAXY_IMPORTER_CONFIG=str(settings))
    assert "Importer processing completed successfully" in told
    assert [line for line in told.splitlines() if "WARNING" in line or "ERROR" in line] == []
