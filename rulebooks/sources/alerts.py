# SPDX-License-Identifier: GPL-3.0-or-later
"""An event source: the inventory's alerts, evaluated here with the code that drills use, and sent in Alertmanager's form."""
from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
short_description: The inventory's own alerts, where no server evaluates them
description:
  - Looks at the inventory's C(alert_source) and at its health checks. An alert that has been beyond its limit for as long as its rule says
    is sent, again every C(repeat) seconds while it is, and once more when it has ended.
options:
  directory:
    description: The directory of the project.
    type: path
    required: true
  inventory:
    description: The inventory.
    type: str
    required: true
  poll:
    description: Seconds between two looks; C(drills.poll) of the inventory if not given.
    type: float
  repeat:
    description: Seconds between two messages of one alert.
    type: float
    default: 300
"""


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Look until it is stopped."""
    sys.path.insert(0, str(Path(args["directory"], "collections")))
    given = await asyncio.to_thread(settings, Path(args["directory"]), args["inventory"])
    watched = Watched(given)
    poll = float(args.get("poll") or given["poll"])
    print(f"{given['environment']} is watched", flush=True)
    while True:
        for alert in await asyncio.to_thread(watched.look, float(args.get("repeat", 300))):
            await queue.put({"payload": {"status": alert["status"], "alerts": [alert]}, "meta": {"endpoint": "alerts"}})
        await asyncio.sleep(poll)


def settings(directory: Path, inventory: str) -> dict[str, Any]:
    """What the inventory says, its templates resolved, by a playbook that only writes it down."""
    import json
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "alerts.json")
        inventories = [part for one in inventory.split() for part in ("-i", one)]
        command = ["ansible-playbook", *inventories, "rulebooks/write-alerts.yml", "-e", json.dumps({"file": str(file)})]
        subprocess.run(command, cwd=directory, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found


class Watched:
    """The alerts, and when each was told of last."""

    def __init__(self, given: dict[str, Any]) -> None:
        from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
        from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.detect import DETECT, Alert
        from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.monitoring import Monitoring
        from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run

        checked = ArgumentSpecValidator(DETECT.arguments).validate({"alerts": given["alerts"], "source": given["source"]})
        if checked.error_messages:
            raise ValueError("; ".join(checked.error_messages))
        options = checked.validated_parameters
        self.alerts = [Alert(rule) for rule in options["alerts"]]
        self.monitoring = Monitoring(options["source"], options["alerts"], given["window"], Run())
        self.environment, self.faster = given["environment"], given["faster"]
        self.fired: dict[str, tuple[str, float]] = {}

    def look(self, repeat: float) -> list[dict[str, Any]]:
        """What is to be sent now. An alert without data goes on as it was: nobody knows that it has ended."""
        answers, now, told = self.monitoring.look(), time.monotonic(), []
        for alert in self.alerts:
            name = alert.rule["name"]
            alert.learn(answers[name], now)
            since, last = self.fired.get(name, ("", 0.0))
            if alert.fires(now, self.faster) and (not since or now - last >= repeat):
                since = since or self._fired_at(alert, now)
                self.fired[name] = (since, now)
                told.append(self._message(name, "firing", since))
            elif since and alert.value is not None and alert.since is None:
                del self.fired[name]
                told.append(self._message(name, "resolved", since))
        return told

    def _fired_at(self, alert: Any, now: float) -> str:
        lasting = (alert.lasted(now, self.faster) - alert.rule["for"]) / self.faster
        return (datetime.now(UTC) - timedelta(seconds=lasting)).isoformat(timespec="milliseconds")

    def _message(self, name: str, status: str, since: str) -> dict[str, Any]:
        fingerprint = hashlib.sha256(f"{self.environment} {name}".encode()).hexdigest()[:16]
        labels = {"alertname": name, "environment": self.environment}
        return {"status": status, "labels": labels, "startsAt": since, "fingerprint": fingerprint}
