"""An incident in a bucket: killed, taken up in another container while the bucket fails, and complete in the end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident import verifying
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Store

from sandbox.testing import Box
from tests.aws.stores import TroubledS3, World, served, world_of
from tests.playbooks.driving import Operator, Ran
from tests.playbooks.looking import checkout_works, moves

DYING = str(Path(__file__).with_name("dying"))
pytestmark = pytest.mark.once


@pytest.fixture
def s3() -> Iterator[TroubledS3]:
    with served() as made:
        made.empty()
        yield made


@pytest.fixture
def world(s3: TroubledS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return world_of("s3", s3, tmp_path, monkeypatch)


def test_killed_taken_up_elsewhere_while_the_bucket_fails(
    box: Box, operator: Operator, s3: TroubledS3, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    box.ship("storefront", "breaks-checkout")
    moved = moves(box)

    def run(container: str, **more: str) -> Ran:
        world.store(container)
        return operator.run(environment={**world.environment, **more}, incident_store=world.place, reason="orders fail")

    killed = run("one", PYTHONPATH=DYING, DIES_AT="9")
    assert killed.code == -signal.SIGKILL, killed.screen
    (incident,) = world.store("looking").incidents("sandbox")
    name = incident.fields["id"]
    assert len(incident.journal.events()) >= 9

    def fail_once_it_is_started(path: str) -> None:
        if path.endswith("/locks/sandbox.json"):
            s3.trouble = dict.fromkeys(range(s3.writes + 2, s3.writes + 500), "down")

    s3.wrote = fail_once_it_is_started
    again = run("two")

    assert again.code == 0, again.screen
    assert "taken up again" in again.words
    assert "lock taken over from a run of" in again.words
    assert "the incident store does not answer, the record is kept on this machine meanwhile" in again.words
    assert "could not be let go of" in again.words
    assert "part of the record is on this machine only" in again.words
    assert f"report: s3://example-backups/shop/incidents/incidents/{name}/report.html" in again.screen
    assert checkout_works(box)
    assert "closed" not in events(world.store("looking"), name)

    s3.wrote, s3.trouble = lambda path: None, {}
    world.store("two").incidents()
    assert events(world.store("two"), name).count("closed") == 1
    assert moves(box) == moved | {"storefront": moved["storefront"] + 1}
    assert events(world.store("looking"), name).count("closed") == 1
    assert world.store("looking").find(name).fields["state"] == "rolled_back"
    assert list((world.store("looking").find(name).directory / "logs").glob("storefront.*")), "the logs went there as well"
    assert verifying.main(["--store", world.place]) == 0, capsys.readouterr().out


def events(store: Store, name: str) -> list[str]:
    return [event["event"] for event in store.find(name).journal.events()]
