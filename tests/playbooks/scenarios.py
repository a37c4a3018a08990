"""Every scenario that there is a playbook for: how the sandbox gets into it, and the commands that lead out of it."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from sandbox.aws.seed import DISTRIBUTION, FUNCTION
from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran, read_journal

DYING = str(Path(__file__).with_name("dying"))
ELSEWHERE = {"api": "api", "blog": "blog.rachelfoods.test", "accounts": "accounts", "stock": "stock"}
"""One target at each vendor that has releases and is not the storefront's, and the address it serves."""


@dataclass(frozen=True)
class Scenario:
    """One way to break the sandbox as it is when it is new, and the playbook against it."""

    name: str
    breaks: Callable[[Box], dict[str, Any]]
    """Breaks it; what has to be said to the playbook then."""
    playbook: str = "rollback-checkout.yml"
    incident: str = "checkout"
    inventories: tuple[str, ...] = ()
    amazon: bool = False
    """Whether it takes a sandbox with AWS."""


def _shipped(*targets: str) -> Callable[[Box], dict[str, Any]]:
    def breaks(box: Box) -> dict[str, Any]:
        for target in targets:
            box.ship(target, "breaks-checkout")
        return {}

    return breaks


def _told(box: Box) -> dict[str, Any]:
    """With people who hear of it, but of no progress: that depends on how long it takes."""
    slack = {"kind": "slack", "channel": "C0INCIDENTS", "token": "${slack}", "base_url": f"{box.vendor_url('slack')}/api/"}
    box.ship("storefront", "breaks-checkout")
    return {"deliver_notifications": True, "telling": {"every": 0, "channels": [{"name": "a", **slack}]}}


def break_edge(box: Box) -> str:
    """The function's release and, in a later second, the uploads; since when."""
    box.ship(FUNCTION, "breaks-checkout")
    at = datetime.now(UTC)
    while datetime.now(UTC).replace(microsecond=0) <= at:
        time.sleep(0.05)  # S3 dates versions in whole seconds
    box.ship("uploads", "breaks-checkout")
    return at.isoformat()


def break_configuration(box: Box) -> dict[str, Any]:
    """Somebody edits the distribution by hand; what has to be said to put it back."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    cloudfront = boto3.client("cloudfront", endpoint_url=box.aws_url, **keys)
    found = cloudfront.get_distribution_config(Id=DISTRIBUTION)
    bad = {**found["DistributionConfig"], "Comment": "Somebody was in a hurry", "CacheBehaviors": {"Quantity": 0}}
    cloudfront.update_distribution(Id=DISTRIBUTION, DistributionConfig=bad, IfMatch=found["ETag"])
    time.sleep(2)  # the second before the plan is what an undo goes forward to
    probe = {"name": "pictures", "url": "http://edge.rachelfoods.test/uploads/products/bread.svg", "expect": {"contains": "<svg"}}
    return {"edge_probes": [probe], "good_at": at}


EDGE = "playbooks/rollback-edge.yml"
VENDORS = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/every_vendor.yml")
CONFIGURATION = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/edge_configuration.yml", "--limit", "uploads:distribution")
SCENARIOS = (
    Scenario("storefront", _told),
    Scenario("api", _shipped("storefront", "api")),
    Scenario("vendors", _shipped(*ELSEWHERE), inventories=VENDORS),
    Scenario("edge", lambda box: {"bad_at": break_edge(box)}, EDGE, "edge", amazon=True),
    Scenario("configuration", break_configuration, EDGE, "edge", CONFIGURATION, amazon=True),
)


@dataclass
class Broken:
    """The sandbox in a scenario, and an operator who knows what to say."""

    scenario: Scenario
    box: Box
    operator: Operator
    said: dict[str, Any] = field(default_factory=dict)

    def break_it(self) -> Broken:
        self.said = self.scenario.breaks(self.box)
        return self

    def roll_back(self, **more: Any) -> Ran:
        return self._run(self.scenario.playbook, **self.said, **more)

    def undo(self, **more: Any) -> Ran:
        return self._end("undo", confirmed=f"UNDO SANDBOX {self.scenario.incident}", **more)

    def commit(self, **more: Any) -> Ran:
        return self._end("commit", **more)

    def _end(self, how: str, **more: Any) -> Ran:
        told = {name: value for name, value in self.said.items() if name in ("telling", "deliver_notifications")}
        return self._run(f"playbooks/{how}.yml", scenario=self.scenario.incident, **told, **more)

    def _run(self, playbook: str, **more: Any) -> Ran:
        return self.operator.run(*self.scenario.inventories, playbook=playbook, **more)

    # Moments to come back to -----------------------------------------------------------------------------------

    def remember(self, name: str) -> None:
        """The sandbox and all incidents, as they are now."""
        self.box.control("remember", name=name)
        kept = self.operator.store.with_name(name)
        if self.operator.store.exists():
            shutil.copytree(self.operator.store, kept)

    def recall(self, name: str) -> None:
        self.box.control("recall", name=name)
        shutil.rmtree(self.operator.store, ignore_errors=True)
        if self.operator.store.with_name(name).exists():
            shutil.copytree(self.operator.store.with_name(name), self.operator.store)

    def lines(self) -> int:
        """Of the journal of the newest incident."""
        incidents = self.operator.incidents()
        return len(read_journal(incidents[-1])) if incidents else 0


def killed(command: Callable[..., Ran], line: int | str, **how: str) -> Ran:
    """The command, killed with SIGKILL once that line of the journal is on disk; dying/ says what else there is."""
    ran = command(environment={"PYTHONPATH": DYING, "DIES_AT": str(line), **how})
    assert ran.code == -signal.SIGKILL, ran.screen
    return ran
