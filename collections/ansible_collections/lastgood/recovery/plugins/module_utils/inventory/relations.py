# SPDX-License-Identifier: GPL-3.0-or-later
"""What the targets say together, once Ansible has worked it out: vendors' options, reach, and who needs whom."""
from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.contacts import known, told_by
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.nearness import nearest
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.shape import Finding, in_words, options_of, schema
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.sources import Sources
from ansible_collections.lastgood.recovery.plugins.module_utils.json_schema import Place, faults

NAMES = ("provider", "service", "objects", "configuration", "behind", "depends_on", "reach", "contacts", "escalation")
"""The variables of a target that are looked at together."""
CREDENTIALS = re.compile(r"(//)[^/@]*@")


class Unresolved:
    """A variable that cannot be worked out, and why."""

    def __init__(self, why: str) -> None:
        self.why = why


Targets = Mapping[str, Mapping[str, Any]]
"""By target, the values of NAMES that it has; Unresolved or Unread in place of a value."""


def findings(targets: Targets, sources: Sources) -> Iterator[Finding]:
    """Everything that is wrong with the targets; never a value of an option, for it may be secret."""
    for target, said in targets.items():
        for name, value in said.items():
            if isinstance(value, Unresolved):
                yield _at(sources, target, (name,), f"{name} of {target} cannot be worked out: {value.why}")
        yield from _of_service(target, said, sources)
        for vendor, place, name in _places(said):
            yield from _of_reach(target, vendor, place, name, said.get("reach"), sources)
        yield from _of_needs(target, targets, sources)
        yield from _of_escalation(target, said.get("contacts"), said.get("escalation"), sources)
    yield from _circles(targets, sources)


def _of_service(target: str, said: Mapping[str, Any], sources: Sources) -> Iterator[Finding]:
    provider, service = said.get("provider"), said.get("service")
    if provider is not None and service is None:
        yield _at(sources, target, ("provider",), f"{target} has a provider and no service")
    elif service is not None and provider is None:
        yield _at(sources, target, ("service",), f"{target} has a service and no provider")
    if not isinstance(provider, str) or not isinstance(service, dict):
        return
    options = options_of(provider)
    if options is None:
        vendors = schema()["$defs"]["vendor"]["enum"]
        meant = nearest(provider, vendors)
        tail = f"; did you mean {meant}?" if meant else f", but {', '.join(vendors)}"
        yield _at(sources, target, ("provider",), f"{target}: there is no provider {provider}{tail}")
        return
    for fault in faults(service, options, schema(), ("service",)):
        yield _at(sources, target, fault.place, f"{target} at {provider}: {in_words(fault)}")
    for name in options["x-place"].split("/"):
        elsewhere = options["x-environment"].get(name)
        if elsewhere and service.get(name) is None and not any(map(os.environ.get, elsewhere)):
            says = f"{target} at {provider}: service lacks {name}, and so does the environment: {elsewhere[0]}"
            yield _at(sources, target, ("service",), says)


def _places(said: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What of it reach has to list: vendor, place there, variable."""
    provider, service, objects, configuration = (said.get(name) for name in ("provider", "service", "objects", "configuration"))
    options = options_of(provider) if isinstance(provider, str) else None
    if options is not None and isinstance(service, dict):
        parts = [service.get(name) for name in options["x-place"].split("/")]
        if all(isinstance(part, str | int) for part in parts):
            yield str(provider), CREDENTIALS.sub(r"\1", "/".join(map(str, parts))), "service"
    if isinstance(objects, dict) and isinstance(objects.get("bucket"), str):
        yield "s3", objects["bucket"], "objects"
    if isinstance(configuration, dict) and isinstance(configuration.get("distribution"), str):
        yield "cloudfront", configuration["distribution"], "configuration"
    if isinstance(said.get("behind"), str):
        yield "cloudfront", said["behind"], "behind"


def _of_reach(target: str, vendor: str, place: str, name: str, reach: Any, sources: Sources) -> Iterator[Finding]:
    if not isinstance(reach, dict):
        return
    listed = reach.get(vendor, [])
    if isinstance(listed, list) and place not in map(str, listed):
        meant = nearest(place, [str(one) for one in listed])
        says = f"{target}: reach.{vendor} does not list {place}" + (f"; did you mean {meant}?" if meant else "")
        yield _at(sources, target, (name,), says)


def _of_needs(target: str, targets: Targets, sources: Sources) -> Iterator[Finding]:
    for index, needed in enumerate(_needs(targets[target])):
        if needed not in targets:
            meant = nearest(needed, targets)
            says = f"{target} depends on {needed}, which there is not" + (f"; did you mean {meant}?" if meant else "")
            yield _at(sources, target, ("depends_on", index), says)


def _of_escalation(target: str, contacts: Any, escalation: Any, sources: Sources) -> Iterator[Finding]:
    """Whoever is called, there has to be a way to reach them."""
    if not isinstance(contacts, dict) or not known(contacts) or not isinstance(escalation, list):
        return
    for index, step in enumerate(escalation):
        whom = step.get("to") if isinstance(step, dict) else None
        if isinstance(whom, str) and not told_by(contacts, whom):
            meant = nearest(whom, known(contacts))
            says = f"escalation goes to {whom}, whom contacts do not list" + (f"; did you mean {meant}?" if meant else "")
            yield _at(sources, target, ("escalation", index, "to"), says)


def _circles(targets: Targets, sources: Sources) -> Iterator[Finding]:
    told: set[frozenset[str]] = set()
    for start in targets:
        path, walked = [start], {start}
        stack = [iter(_needs(targets[start]))]
        while stack:
            needed = next(stack[-1], None)
            if needed is None:
                stack.pop()
                path.pop()
            elif needed == start:
                if frozenset(path) not in told:
                    told.add(frozenset(path))
                    yield _at(sources, start, ("depends_on",), f"depends_on goes in a circle: {' → '.join([*path, start])}")
            elif needed in targets and needed not in walked:
                walked.add(needed)
                path.append(needed)
                stack.append(iter(_needs(targets[needed])))


def _needs(said: Mapping[str, Any]) -> list[str]:
    needs = said.get("depends_on")
    return [str(one) for one in needs] if isinstance(needs, list) else []


def _at(sources: Sources, target: str, place: Place, says: str) -> Finding:
    """Where the target's variable is given, or the first file where it is given nowhere."""
    for said, above in reversed(list(sources.about(target, str(place[0])))):
        return Finding(str(said.file.path), said.file.line((*above, *place[1:])), says)
    return Finding(str(sources.files[0].path) if sources.files else "the inventory", 1, says)
