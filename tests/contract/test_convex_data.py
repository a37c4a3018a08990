"""The data of a Convex deployment: exported, put back, proved document by document, undone."""

from __future__ import annotations

import shlex
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex import going_back
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.exports import Folder
from ansible_collections.lastgood.recovery.plugins.modules import convex_data

from sandbox.testing import ROOT, Box, free_ports
from tests.contract.bench import printed_by

pytestmark = pytest.mark.once
KEY = "sandbox-convex-key"
PROGRAM = [sys.executable, str(ROOT / "sandbox" / "convex" / "move.py")]


class Deployment:
    def __init__(self, box: Box, folder: Path) -> None:
        self.box, self.folder = box, folder
        reached = {"deployment": "bookings", "api_url": box.vendor_url("convex"), "admin_key": KEY, "timeout": 60}
        self.options: dict[str, Any] = {**reached, "destination": str(folder / "exports"), "command": shlex.join(PROGRAM)}

    def run(self, check: bool = False, **options: Any) -> dict[str, Any]:
        result = printed_by(convex_data.main, check, **{**self.options, **options})
        assert KEY not in str(result)
        return result

    def perform(self, record: Callable[..., None], **wishes: Any) -> dict[str, Any]:
        checked = ArgumentSpecValidator(going_back.OPERATION.arguments).validate({**self.options, **wishes})
        assert not checked.error_messages
        return outcome(going_back.OPERATION, checked.validated_parameters, Run(record=record))

    @property
    def tables(self) -> dict[str, Any]:
        tables: dict[str, Any] = self.box.state()["convex"]["deployment"]["tables"]
        return tables

    def break_it(self) -> None:
        """A migration that loses a table's documents, changes another's, and adds one of its own."""
        self.write({"bookings": self.tables["bookings"][:2], "tables": [{**row, "seats": 0} for row in self.tables["tables"]], "junk": []})

    def write(self, tables: dict[str, Any]) -> None:
        """What an application writes."""
        self.box.control("documents", tables=tables)

    def exports(self) -> list[Path]:
        return sorted((self.folder / "exports").glob("*.zip"))


@pytest.fixture
def deployment(box: Box, tmp_path: Path) -> Deployment:
    return Deployment(box, tmp_path)


def test_back_to_an_export_and_forth(deployment: Deployment) -> None:
    good = deployment.tables
    made = deployment.run()
    assert (made["changed"], made["documents"]) == (True, {"_storage": 0, "bookings": 6, "tables": 3}), made
    deployment.break_it()
    broken = deployment.tables
    told = deployment.run(check=True, good_at="2099-01-01")
    assert deployment.tables == broken
    done = deployment.run(source=made["export"])
    assert done["changed"], done
    assert deployment.tables == good
    assert done["loss"]["documents"] == told["loss"]["documents"]
    assert done["loss"]["documents"] == {
        "bookings": {"lost": 0, "changed_back": 0, "come_back": 4},
        "tables": {"lost": 0, "changed_back": 3, "come_back": 0},
    }
    again = deployment.run(source=made["export"])
    assert (again["changed"], again["kept"], len(deployment.exports())) == (False, None, 2)
    undone = deployment.run(undo=True)
    assert undone["changed"], undone
    assert {name: rows for name, rows in deployment.tables.items() if rows} == {name: rows for name, rows in broken.items() if rows}
    deployment.write({"bookings": []})
    assert not deployment.run(undo=True)["changed"], "what was written after an undo is not undone"
    assert deployment.tables == {"bookings": []}
    assert all(path.stat().st_mode & 0o077 == 0 for path in deployment.exports())


def test_check_mode_leaves_nothing_behind(deployment: Deployment, tmp_path: Path) -> None:
    assert deployment.run(check=True)["changed"]
    assert not (tmp_path / "exports").exists()


@pytest.mark.parametrize("damage", ["cut", "flipped", "replaced", "text", "other"])
def test_a_damaged_export_is_refused(deployment: Deployment, damage: str, tmp_path: Path) -> None:
    made = Path(deployment.run()["export"])
    deployment.break_it()
    before, content = deployment.tables, made.read_bytes()
    if damage == "replaced":
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("_tables/documents.jsonl", "")
    elif damage == "other":
        made = tmp_path / "photos.zip"
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("a.txt", "a")
    else:
        middle = len(content) // 3
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        made.write_bytes({"cut": content[:middle], "flipped": flipped, "text": b"x"}[damage])
        moved = tmp_path / "elsewhere.zip"
        moved.write_bytes(made.read_bytes())
        made = moved if damage != "flipped" else made
    result = deployment.run(source=str(made))
    assert (result["error"], result["changed"]) == ("BadBackup", False), result
    assert deployment.tables == before


def test_what_may_be_lost_is_limited(deployment: Deployment) -> None:
    made = deployment.run()["export"]
    deployment.break_it()
    before = deployment.tables
    refused = deployment.run(source=made, max_loss=0)
    assert (refused["error"], refused["changed"]) == ("Refused", False)
    assert deployment.run(good_at="2020-01-01")["error"] == "NotRestorable"
    assert deployment.run(undo=True)["error"] == "Refused"
    assert deployment.tables == before


@pytest.mark.parametrize("moment", ["call", "answer"])
def test_a_run_that_is_cut_off_is_seen_through(deployment: Deployment, moment: str) -> None:
    good = deployment.tables
    made = deployment.run()["export"]
    deployment.break_it()
    broken = deployment.tables

    class Killed(BaseException):
        pass

    def record(event: str, **fields: Any) -> None:
        if event == moment:
            raise Killed

    with pytest.raises(Killed):
        deployment.perform(record, source=made)
    assert deployment.tables == (broken if moment == "call" else good)
    assert deployment.run(source=made)["changed"] == (moment == "call")
    assert deployment.tables == good
    with pytest.raises(Killed):
        deployment.perform(record, undo=True)
    deployment.run(undo=True)
    assert deployment.tables["tables"] == broken["tables"]
    assert deployment.run(undo=True)["summary"] == "undone already"


def test_two_at_once(deployment: Deployment) -> None:
    made = deployment.run()["export"]
    deployment.break_it()
    with Folder(deployment.options["destination"], "bookings").locked():
        assert deployment.run(source=made)["error"] == "Locked"
    assert deployment.run(source=made)["changed"]


def test_others_write_meanwhile(deployment: Deployment) -> None:
    made = deployment.run()["export"]
    deployment.break_it()

    def newer(event: str, **fields: Any) -> None:
        if event == "answer":
            row = {"_id": "new", "_creationTime": 4e12, "table": "t1"}
            deployment.write({**deployment.tables, "bookings": [*deployment.tables["bookings"], row]})

    noted = deployment.perform(newer, source=made)
    assert (noted["changed"], noted["notes"]) == (True, ["written since by others: 1 in bookings"]), noted

    def spoiled(event: str, **fields: Any) -> None:
        if event == "answer":
            deployment.write({**deployment.tables, "tables": []})

    deployment.break_it()
    wrong = deployment.perform(spoiled, source=made)
    assert wrong["error"] == "Incomplete", wrong
    assert "undo" in wrong["hint"]


def test_a_wrong_key_nobody_there_and_no_program(deployment: Deployment, tmp_path: Path) -> None:
    wrong = deployment.run(admin_key="wrong-admin-key")
    assert (wrong["error"], wrong["changed"]) == ("NotAuthorised", False)
    assert "wrong-admin-key" not in str(wrong)
    assert deployment.run(api_url=f"http://127.0.0.1:{free_ports()}")["error"] == "Unavailable"
    assert deployment.run(command=str(tmp_path / "missing"))["error"] == "Refused"
    refusing = shlex.join([sys.executable, "-c", "import sys; sys.exit('Error: 401 BadAdminKey')"])
    assert deployment.run(command=refusing)["error"] == "NotAuthorised"
    assert deployment.run(reach={"convex": ["other"]}, api_url="http://127.0.0.1:1")["error"] == "OutOfReach"
