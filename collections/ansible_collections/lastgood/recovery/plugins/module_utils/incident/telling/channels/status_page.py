# SPDX-License-Identifier: GPL-3.0-or-later
"""An incident on a status page: one entry with its updates, and components that are put back as they were."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message, Told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import words

Statuses = dict[str, str]
"""By the page's id of the component, as the page writes it."""


@dataclass(frozen=True)
class Entry:
    """The incident as the page has it."""

    id: str
    told: frozenset[str] = frozenset()
    """Of what was told already: C(words.key) or C(words.reference), whichever the page keeps."""
    before: Statuses = field(default_factory=dict)
    """Of the components it affects before it was told, where the page keeps that."""
    set: Statuses = field(default_factory=dict)
    """What it set them to."""


@dataclass(frozen=True)
class Update:
    """What is to be published."""

    message: Message
    affected: tuple[str, ...]
    """The page's ids."""
    change: Statuses
    before: Statuses
    set: Statuses
    told: frozenset[str]
    """With this one."""


class Page(Protocol):
    """One status page of one vendor; raises the errors of C(errors.py)."""

    components: Mapping[str, str]
    """The inventory's name of a component to the page's id."""
    operational: str
    """The status of a component with which all is well."""

    def key(self, message: Message) -> str:
        """How C(told) names the message."""

    def read(self, id: str) -> Entry:
        """That entry."""

    def find(self, message: Message) -> Entry | None:
        """The entry of this incident, however little is remembered of it."""

    def statuses(self) -> Statuses:
        """Of all components, as they are now; empty where the page needs no putting back."""

    def outage(self, severity: str) -> str:
        """The status of a component that an incident of this severity affects."""

    def publish(self, entry: Entry | None, update: Update) -> tuple[str, str]:
        """Make an entry, or add to that one; its id and its address."""


def tell(page: Page, message: Message, memory: Mapping[str, Any]) -> Told:
    """Publish it unless the page has it already."""
    if words.late(message, memory):
        return Told(memory, memory["link"])
    entry = page.read(memory["id"]) if "id" in memory else page.find(message)
    before: Statuses = dict((entry.before if entry else {}) or memory.get("before") or {})
    was_set: Statuses = dict((entry.set if entry else {}) or memory.get("set") or {})
    link = str(memory.get("link", ""))
    if entry and page.key(message) in entry.told:
        return _told(message, entry.id, link, before, was_set)
    affected = tuple(page.components[name] for name in message.components if name in page.components)
    now = page.statuses() if affected or before else {}
    forgotten = entry is not None and not before  # the entry itself may have set what they show now
    for component in affected:
        before.setdefault(component, page.operational if forgotten else now.get(component, page.operational))
    change = _change(page, message, affected, before, was_set, now)
    told = (entry.told if entry else frozenset()) | {page.key(message)}
    was_set = {} if words.ends(message) else {**was_set, **change}
    id, link = page.publish(entry, Update(message, affected, change, before, was_set, told))
    return _told(message, id, link, before, was_set)


def _change(page: Page, message: Message, affected: tuple[str, ...], before: Statuses, was_set: Statuses, now: Statuses) -> Statuses:
    """At the end what still shows what this incident set is put back; what people have changed meanwhile stays."""
    if words.ends(message):
        known = {component: was_set.get(component, page.outage(message.severity)) for component in before}
        return {component: before[component] for component, status in known.items() if not now or now.get(component) == status}
    if message.status == "monitoring":
        return {}
    outage = page.outage(message.severity)
    return {component: outage for component in affected if now.get(component) != outage}


def _told(message: Message, id: str, link: str, before: Statuses, was_set: Statuses) -> Told:
    return Told({"id": id, "link": link, "before": before, "set": was_set, "over": words.ends(message)}, link)
