# SPDX-License-Identifier: GPL-3.0-or-later
"""An incident on a status page: one entry with its updates, and components that are put back as they were."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message, Told
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import options as given
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels import words
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channels.trying import attempt
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

Statuses = dict[str, str]
"""By the page's id of the component, as the page writes it."""


@dataclass(frozen=True)
class Entry:
    """The incident as the page has it."""

    id: str
    told: frozenset[str] = frozenset()
    """Of what was told already: C(words.key) or C(words.reference), whichever the page keeps."""
    before: Statuses | None = None
    """Of the components it affects before it was told; None where the page does not keep that."""
    set: Statuses | None = None
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


def options(api_url: str, variable: str) -> given.Specification:
    """What every page is asked with; C(variable) of the environment may have the token."""
    return {
        "page": {"type": "str", "required": True},
        "token": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, [variable])},
        "components": {"type": "dict", "default": {}},
        "notify": {"type": "bool", "default": True},
        "api_url": {"type": "str", "default": api_url},
    }


class StatusPage:
    """The channel that a vendor's page is."""

    recognises = True

    def __init__(
        self, kind: str, specification: given.Specification, page: Callable[[dict[str, Any], Run], Page], options: Mapping[str, Any]
    ) -> None:
        self._options = given.read(kind, specification, options)
        self._page, self._secrets = page, given.secrets(specification, self._options)
        self.name = self._options["name"]

    def tell(self, message: Message, memory: Mapping[str, Any]) -> Told:
        with attempt(self.name, self._secrets) as run:
            return tell(self._page(self._options, run), message, memory)


def tell(page: Page, message: Message, memory: Mapping[str, Any]) -> Told:
    """Publish it unless the page has it already."""
    if words.late(message, memory):
        return Told(memory, memory["link"])
    entry = page.read(memory["id"]) if "id" in memory else page.find(message)
    # What the entry itself may have set by now cannot be told from what was before it, where neither has kept that.
    forgotten = entry is not None and entry.before is None and "before" not in memory
    before: Statuses = dict((entry and entry.before) or memory.get("before") or {})
    was_set: Statuses = dict((entry and entry.set) or memory.get("set") or {})
    link = str(memory.get("link", ""))
    affected = tuple(page.components[name] for name in message.components if name in page.components)
    if entry and page.key(message) in entry.told:
        if entry.before is None and _affects(message):
            before = dict.fromkeys(affected, page.operational) | before
            was_set = dict.fromkeys(affected, page.outage(message.severity)) | was_set
        return _told(message, entry.id, link, before, was_set)
    now = page.statuses() if affected or before else {}
    for component in affected:
        before.setdefault(component, page.operational if forgotten else now.get(component, page.operational))
    if forgotten:
        was_set = dict.fromkeys(before, page.outage(message.severity))
    change = _change(page, message, affected, before, was_set, now)
    told = (entry.told if entry else frozenset()) | {page.key(message)}
    was_set = {} if words.ends(message) else {**was_set, **change}
    id, link = page.publish(entry, Update(message, affected, change, before, was_set, told))
    return _told(message, id, link, before, was_set)


def _change(page: Page, message: Message, affected: tuple[str, ...], before: Statuses, was_set: Statuses, now: Statuses) -> Statuses:
    """Each is set once, and put back at the end if it still shows that; what people have changed meanwhile stays."""
    if words.ends(message):
        return {component: before[component] for component, status in was_set.items() if not now or now.get(component) == status}
    outage = page.outage(message.severity)
    fresh = [component for component in affected if component not in was_set and now.get(component) != outage]
    return dict.fromkeys(fresh, outage) if _affects(message) else {}


def _affects(message: Message) -> bool:
    """Whether it puts components into outage."""
    return message.status in ("investigating", "identified") and not words.ends(message)


def _told(message: Message, id: str, link: str, before: Statuses, was_set: Statuses) -> Told:
    return Told({"id": id, "link": link, "before": before, "set": was_set, "over": words.ends(message)}, link)
