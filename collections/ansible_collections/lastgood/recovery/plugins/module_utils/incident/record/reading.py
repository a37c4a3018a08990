# SPDX-License-Identifier: GPL-3.0-or-later
"""Every incident of a store, and by name those that cannot be read: none is left out without a word."""
from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.lastgood.recovery.plugins.module_utils.errors import RecoveryError
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.report_words import text, time_of
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.store import Incident, Store

NAMED = re.compile(r"\d{4}-\d{2}-\d{2}-[\w.-]+")
"""What directories of incidents are called; other directories of the store are none of our business unless they hold an incident."""


@dataclass(frozen=True)
class Found:
    """C(incidents) oldest first; C(unreadable) has the directory's name and why, in that order."""

    incidents: list[Incident]
    unreadable: dict[str, str]

    def of(self, environment: str) -> list[Incident]:
        """Those of one environment."""
        return [incident for incident in self.incidents if incident.fields["environment"] == environment]


def read_store(store: Store) -> Found:
    """All environments' incidents. One that lacks what every incident has counts as one that cannot be read."""
    incidents, unreadable = [], {}
    store.names()  # where the store is a bucket, this is what brings them here
    store.names()  # where the store is a bucket, it is looked into now
    directories = store.root.iterdir() if store.root.is_dir() else ()
    for path in sorted(path for path in directories if path.is_dir()):
        if not ((path / "incident.yml").exists() or NAMED.fullmatch(path.name)):
            continue
        try:
            incident = store.find(path.name)
            missing = [key for key in ("environment", "scenario") if not text(incident.fields.get(key))]
            missing += [] if time_of(incident.fields.get("opened_at")) else ["opened_at"]
            if missing:
                unreadable[path.name] = f"incident.yml has no {missing[0]} that can be read"
                continue
            incident.journal.events()
            incident.plan()
            incidents.append(incident)
        except RecoveryError as error:
            unreadable[path.name] = error.message if (path / "incident.yml").exists() else "it has no incident.yml"
        except (OSError, ValueError, AttributeError, RecursionError) as error:
            unreadable[path.name] = f"{type(error).__name__}: {text(error)}"
    return Found(sorted(incidents, key=_opened), {name: " ".join(why.split()) for name, why in unreadable.items()})


def _opened(incident: Incident) -> tuple[str, str]:
    return (str(time_of(incident.fields["opened_at"])), incident.directory.name)
