"""The evidence of exercises, laid out by a real browser, on a telephone and on a desk, by day and by night."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Chromium
from tests.unit.exercises import Team

LONG = "a-name-nobody-would-choose-" * 6


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A second exercise, with what does not fit and what went wrong."""
    team = Team(Path(tmp_path_factory.mktemp("exercise")))
    team.hold(seconds=20.0)
    begun = team.begin()
    for step in begun["steps"]:
        failed: dict[str, Any] = {"verdict": "FAILED", "came_to": LONG, "exit_code": 11, "goal": False, "fired": [LONG]}
        if step["step"] != "disaster":
            team.drill(step, **(failed if step["step"] == "release" else {}))
    team.end(begun["exercise"]["name"])
    return (team.place(begun["exercise"]["name"]) / "evidence.html").read_text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_is_legible_and_asks_for_nothing(chromium: Chromium, page: str, width: int, dark: bool) -> None:
    seen = chromium.look(page, width, dark)
    assert seen["content"] <= width
    assert seen["cut"] == []
    assert seen["faint"] == []
    assert seen["requests"] == []
    for words in ("EXERCISE FAILED", "NOT HELD", "not shown", "shown, with findings", "anna@x.com", "Trends", "less than before"):
        assert words in seen["text"]
