"""What a role's arguments cost: Ansible works them out anew for every target that the role is validated for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.unit.argument_schemas import published

pytestmark = pytest.mark.once
ROLES = Path(__file__).resolve().parents[2] / "collections/ansible_collections/lastgood/recovery/roles"


def test_flows_are_not_worked_out_for_every_target_of_a_rollback() -> None:
    """They are the largest variable of an inventory, a rollback looks at them once, and the first step of it finds their mistakes."""
    arguments = yaml.safe_load((ROLES / "open/meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    assert "flows" not in arguments
    assert "flows" in published()["properties"]
    first = yaml.safe_load((ROLES / "open/tasks/main.yml").read_text(encoding="utf-8"))[0]
    assert "lastgood.recovery.inventory_check" in first
    assert first["run_once"]
