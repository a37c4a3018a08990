from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.testing import Box
from tests.telling.places import PLACES, Place
from tests.vendor_proxy import Proxy


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
