"""An incident on a status page, whatever gets lost and whoever else works on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.status_page import Entry, Statuses, Update, tell
from hypothesis import given
from hypothesis import strategies as st

from tests.telling.messages import COMMITTED, PROGRESS, STAGES, STARTED

pytestmark = pytest.mark.once
STATUSES = ("up", "slow", "down", "maintenance")
NAMES = ("storefront", "api")


class Lost(Exception):
    """The answer."""


@dataclass
class Paper:
    """A page on which answers get lost; C(keeps) what was before, or only what was told."""

    now: Statuses
    keeps: bool
    components: Mapping[str, str] = field(default_factory=lambda: {name: name for name in NAMES})
    operational: str = "up"
    entries: list[Entry] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    loses: bool = False

    def key(self, message: Message) -> str:
        return words.key(message)

    def read(self, id: str) -> Entry:
        return self.entries[int(id)]

    def find(self, message: Message) -> Entry | None:
        return self.entries[-1] if self.entries else None

    def statuses(self) -> Statuses:
        return dict(self.now)

    def outage(self, severity: str) -> str:
        return "down"

    def publish(self, entry: Entry | None, update: Update) -> tuple[str, str]:
        kept = {"before": update.before, "set": update.set} if self.keeps else {}
        made = Entry(entry.id if entry else str(len(self.entries)), update.told, **kept)
        self.entries[int(made.id) :] = [made]
        self.now.update(update.change)
        self.told.append(words.key(update.message))
        if self.loses:
            raise Lost
        return made.id, ""


@dataclass(frozen=True)
class Step:
    """One message told, and what goes wrong with it."""

    message: Message
    loses: bool
    forgets: bool


steps = st.lists(
    st.builds(
        Step,
        st.builds(
            lambda message, number, named: replace(message, number=number, components=named),
            st.sampled_from(STAGES[:-1]),
            st.integers(1, 3),
            st.sampled_from([NAMES, NAMES[:1], ()]),
        ),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
)
before = st.fixed_dictionaries({name: st.sampled_from(STATUSES) for name in NAMES})


def play(page: Paper, history: list[Step], forgetting: bool) -> None:
    memory: Mapping[str, Any] = {}
    for step in [*history, Step(replace(COMMITTED, components=NAMES), False, False)]:
        memory = {} if step.forgets and forgetting else memory
        page.loses = step.loses
        try:
            memory = tell(page, step.message, memory).memory
        except Lost:
            page.loses = False
            memory = tell(page, step.message, memory).memory


@given(before, steps)
def test_where_the_page_keeps_it_everything_may_be_forgotten(now: Statuses, history: list[Step]) -> None:
    page = Paper(dict(now), keeps=True)
    play(page, history, forgetting=True)
    assert len(page.entries) == 1
    assert len(page.told) == len(set(page.told))
    assert page.now == now


@given(before, steps)
def test_else_what_this_machine_remembers_is_enough(now: Statuses, history: list[Step]) -> None:
    page = Paper(dict(now), keeps=False)
    same = [replace(step, message=replace(step.message, components=NAMES)) for step in history]
    play(page, [replace(step, loses=step.loses and number > 0) for number, step in enumerate(same)], forgetting=False)
    assert len(page.entries) == 1
    assert len(page.told) == len(set(page.told))
    assert page.now == now


@given(before, st.sampled_from(NAMES), st.sampled_from(["up", "slow", "maintenance"]), st.booleans())
def test_what_somebody_has_set_stays(now: Statuses, component: str, status: str, keeps: bool) -> None:
    page = Paper(dict(now), keeps)
    memory = tell(page, replace(STARTED, components=NAMES), {}).memory
    page.now[component] = status
    memory = tell(page, replace(PROGRESS, components=()), memory).memory
    tell(page, replace(COMMITTED, components=NAMES), memory)
    assert page.now == {**now, component: status}
