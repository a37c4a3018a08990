# SPDX-License-Identifier: GPL-3.0-or-later
"""Where incidents are kept: one directory each, with incident.yml, journal.jsonl, plan.json and the report."""
from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import Refused
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.files import replace
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.journal import Journal
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.mirror import Mirror
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

if TYPE_CHECKING:
    import yaml
else:
    yaml = library("yaml")

GOING_ON = ("started", "rolled_back")
"""States in which the same command takes the incident up again: something was, or may have been, changed, and nobody has ended it."""
AWAITING = "awaiting_approval"
"""Nothing was changed: the same command takes it up again as long as its plan may still be approved."""


def write(path: Path, text: str) -> None:
    """Replace the file of an incident as a whole: after a crash it is the old one or the new one."""
    mirror = Mirror.of(path)
    if mirror:
        mirror.write(path, text.encode())
    else:
        replace(path, text.encode())


def keep(path: Path) -> None:
    """What something else has written into the directory of an incident; where the store is a bucket it goes there."""
    mirror = Mirror.of(path)
    if mirror:
        mirror.write(path, path.read_bytes())


def short(path: str | Path) -> str:
    """The path as a person types it: relative to the working directory where that is below it, or in the bucket where that is the store."""
    mirror = Mirror.of(Path(path))
    if mirror:
        return mirror.shown(Path(path))
    relative = os.path.relpath(path)
    return os.path.abspath(path) if relative.startswith("..") else relative


def condemned_by(incidents: Iterable[Incident]) -> dict[str, dict[str, str]]:
    """By target: the artifacts that these incidents took out of service, and when; an undone rollback condemns nothing."""
    gone: dict[str, dict[str, str]] = {}
    for incident in incidents:
        if incident.fields["state"] != "undone":
            for target, artifacts in (incident.fields.get("condemned") or {}).items():
                gone.setdefault(target, {}).update(artifacts)
    return gone


@dataclass
class Incident:
    """One incident: its directory and the fields of incident.yml (id, environment, scenario, bad_at, state, …)."""

    directory: Path
    fields: dict[str, Any]
    run: str = ""
    """The run of the playbook that writes to it now."""

    @property
    def journal(self) -> Journal:
        return Journal(self.directory / "journal.jsonl", self.run)

    def update(self, **fields: Any) -> None:
        """Change incident.yml on disk."""
        self.fields.update(fields)
        write(self.directory / "incident.yml", self.text())

    def text(self) -> str:
        """incident.yml."""
        return yaml.safe_dump(self.fields, sort_keys=False, allow_unicode=True)

    def keep_plan(self, plan: dict[str, Any]) -> None:
        """Keep the first row of every target: what it served before anything was changed. Until then the newest plan is the first."""
        kept = (self.plan() if self.fields["state"] in GOING_ON else None) or {**plan, "targets": [], "measures": []}
        for part in ("targets", "measures"):
            rows = kept.setdefault(part, [])
            known = {row["target"] for row in rows}
            rows += [row for row in plan.get(part, []) if row["target"] not in known]
        write(self.directory / "plan.json", json.dumps(kept, indent=2, ensure_ascii=False) + "\n")

    def plan(self) -> dict[str, Any] | None:
        """The plan as it was first made: before anything was changed."""
        path = self.directory / "plan.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def planned(self) -> list[dict[str, Any]]:
        """The rows of that plan for what goes back; empty when there is none."""
        return (self.plan() or {}).get("targets", [])

    def measures(self) -> list[dict[str, Any]]:
        """The rows of that plan for measures; empty when there is none."""
        return (self.plan() or {}).get("measures", [])

    def touched(self, measures: bool = False) -> set[str]:
        """Targets with an intent that was not found needless, of a measure or of anything else; after a crash that has no result."""
        events = [event for event in self.journal.events() if (event.get("kind") == "measure") is measures]
        intents = Counter(event["target"] for event in events if event["event"] == "intent")
        skipped = Counter(event["target"] for event in events if event["event"] == "result" and event["status"] == "skipped")
        return set(intents - skipped)


class Store:
    """All incidents at one place: a directory, or C(file:/srv/incidents), or C(s3://BUCKET/PREFIX?region=…).

    C(root) is the directory from which they are read, C(address) what to give to find the same store again.
    """

    def __init__(self, place: str | Path, mirror: Mirror | None = None) -> None:
        self.mirror = mirror or (Mirror.at(place) if isinstance(place, str) and place.startswith("s3:") else Mirror.of(_directory(place)))
        self.root = self.mirror.root if self.mirror else _directory(place)
        self.address = self.mirror.url if self.mirror else str(self.root)
        self._pulled = False

    def names(self) -> list[str]:
        """Those of all incidents."""
        if self.mirror and not self._pulled:
            self.mirror.pull()
            self._pulled = True
        return sorted(path.parent.name for path in self.root.glob("*/incident.yml"))

    def incidents(self, environment: str | None = None) -> list[Incident]:
        """The incidents of an environment, or of all, oldest first."""
        found = [self._load(self.root / name / "incident.yml") for name in self.names()]
        mine = [incident for incident in found if environment in (None, incident.fields.get("environment"))]
        return sorted(mine, key=lambda incident: incident.fields["opened_at"])

    def active(self, environment: str, scenario: str) -> Incident | None:
        """The newest incident of this scenario that is going on."""
        going = [i for i in self.incidents(environment) if i.fields["scenario"] == scenario and i.fields["state"] in GOING_ON]
        return going[-1] if going else None

    def awaiting(self, environment: str, scenario: str, wanted: Mapping[str, str], now: str) -> Incident | None:
        """The newest incident of this scenario, and of the moment that is wanted, that may still be approved."""
        found = [
            incident
            for incident in self.incidents(environment)
            if (incident.fields["scenario"], incident.fields["state"]) == (scenario, AWAITING)
            and incident.fields["approve_until"] > now
            and all(incident.fields.get(key) == value for key, value in wanted.items())
        ]
        return found[-1] if found else None

    def find(self, name: str, run: str = "") -> Incident:
        """The incident of that name, for a run to go on with."""
        path, is_one = self.root / name / "incident.yml", re.fullmatch(r"[\w-][\w.-]*", name)
        if is_one and self.mirror:
            self.mirror.incident(path).pull()
        if not is_one or not path.exists():
            raise Refused(f"there is no incident {name} in {self.address}", "Look at the names of the directories there.")
        incident = self._load(path)
        incident.run = run
        return incident

    def create(self, opened_at: datetime, scenario: str, fields: dict[str, Any]) -> Incident:
        """A new incident called after its day and scenario; a second one of that day is numbered."""
        name = f"{opened_at:%Y-%m-%d}-{scenario}"
        for number in range(1, 1000):
            directory = self.root / (name if number == 1 else f"{name}-{number}")
            incident = Incident(directory, {"id": directory.name, **fields})
            if self._created(incident):
                return incident
        raise Refused(f"there are a thousand incidents called {name}", "Clear the incident store out.")

    def condemned(self, environment: str) -> dict[str, dict[str, str]]:
        """By target: the artifacts that rollbacks took out of service, and when."""
        return condemned_by(self.incidents(environment))

    def _created(self, incident: Incident) -> bool:
        if self.mirror:
            return self.mirror.create(incident.directory / "incident.yml", incident.text())
        try:
            incident.directory.mkdir(parents=True)
        except FileExistsError:
            return False
        incident.update()
        return True

    @staticmethod
    def _load(path: Path) -> Incident:
        try:
            fields = yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # C: ten times as fast
            return Incident(path.parent, {"state": "open", **fields})
        except (yaml.YAMLError, TypeError) as error:
            raise Refused(f"{path} cannot be read: {error}", "Repair or move it.") from None


def _directory(place: str | Path) -> Path:
    parts = urlsplit(str(place)) if isinstance(place, str) else None
    if parts and parts.scheme == "file":
        if parts.netloc or not parts.path.startswith("/") or parts.query:
            raise Refused(f"{place} is no place for incidents", "Write file:/srv/incidents, a path, or s3://BUCKET/PREFIX.")
        return Path(unquote(parts.path))
    return Path(place).expanduser().absolute()
