from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import apprise_url, smtp_session, trying
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import slack as slack_channel

from sandbox.testing import Box
from tests.telling.places import PLACES, Place
from tests.telling.slack_workspace import Workspace
from tests.vendor_proxy import Proxy

PATIENCE = 20.0
"""Seconds: a busy machine is no reason for a channel not to have told. Shorter than what the tests' rate limits last."""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    for channel in (trying, apprise_url, slack_channel, smtp_session):
        monkeypatch.setattr(channel, "SECONDS", PATIENCE)


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path / "slack")
    yield workspace
    workspace.close()


@pytest.fixture(params=PLACES, ids=str)
def place(request: pytest.FixtureRequest, box: Box) -> Place:
    found: Place = request.param
    found.before(box)
    return found


@pytest.fixture
def proxy(place: Place, box: Box) -> Iterator[Proxy]:
    """In front of the place's vendor."""
    with Proxy(box.vendor_url(place.vendor)) as found:
        yield found
