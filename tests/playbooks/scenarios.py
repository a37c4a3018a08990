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
import psycopg

from sandbox.aws.seed import DISTRIBUTION, FUNCTION
from sandbox.testing import Box
from tests.playbooks.driving import Operator, Ran, read_journal
from tests.playbooks.looking import everything

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
    undoes_data: bool = True
    """Whether an undo brings the data back: a migration that was taken back stays so."""
    often: bool = True
    """Whether it is killed without LASTGOOD_EVERY_CRASH, too."""
    captured: bool = False
    """Whether there is a recovery point from before."""
    moves: int = 1
    """How often the vendor of a target is asked to move at most: once for its release, and once for its variables."""


def _shipped(*targets: str) -> Callable[[Box], dict[str, Any]]:
    def breaks(box: Box) -> dict[str, Any]:
        for target in targets:
            box.ship(target, "breaks-checkout")
        return {}

    return breaks


def _without_stripe(box: Box) -> dict[str, Any]:
    """Stripe does not answer, and its status page says so."""
    box.control("outage", vendor="stripe")
    box.control("stuck", target="stripe")
    return {}


def _vulnerable(box: Box) -> dict[str, Any]:
    """Two releases with a vulnerability, of which the first brought it."""
    commit = box.ship("storefront", "good")["commit"]
    box.ship("storefront", "good")
    return {"cvss": "9.8", "introduced_in": commit}


def _crowded(box: Box) -> dict[str, Any]:
    """More people than the API bears."""
    box.control("crowd", people=200)
    return {}


def _told(box: Box) -> dict[str, Any]:
    """With people who hear of it, but of no progress: that depends on how long it takes."""
    slack = {"kind": "slack", "channel": "C0INCIDENTS", "token": "${slack}", "base_url": f"{box.vendor_url('slack')}/api/"}
    box.ship("storefront", "breaks-checkout")
    return {"deliver_notifications": True, "telling": {"every": 0, "channels": [{"name": "a", **slack}]}}


def _misconfigured(box: Box) -> dict[str, Any]:
    box.control("break", what="configuration")
    return {}


def _everything(box: Box) -> dict[str, Any]:
    """Code, data and variables."""
    _misconfigured(box)
    return _backed_up("data", "storefront", "api")(box)


def _feature(box: Box) -> dict[str, Any]:
    box.control("break", what="feature")
    return {"feature": "delivery-slots"}


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


def _backed_up(what: str, *targets: str) -> Callable[[Box], dict[str, Any]]:
    """Breaks what is in the database, and targets, after a backup and an order that it does not have."""

    def breaks(box: Box) -> dict[str, Any]:
        if not (box.state_dir / "backups" / "shop").exists():
            ran = Operator(box, box.state_dir / "incidents").run(playbook="playbooks/back-up-database.yml", severity=None)
            assert ran.code == 0, ran.screen
        order(box)
        _shipped(*targets)(box)
        at = box.control("break", what=what)["at"]
        return {"bad_at": at} if what == "data" else {}

    return breaks


def order(box: Box) -> None:
    """Somebody buys bread."""
    who = "INSERT INTO customers (email, password_hash) VALUES ('ana@rachelfoods.test', '') RETURNING id"
    bread = f"WITH who AS ({who}) INSERT INTO orders (customer_id, status, total_cents) SELECT id, 'paid', 520 FROM who"
    with psycopg.connect(box.read("addresses")["postgres"]) as connection:
        connection.execute(bread.encode())


EDGE = "playbooks/rollback-edge.yml"
RESTORE, MIGRATION, DISASTER = (f"playbooks/{name}.yml" for name in ("restore-database", "rollback-migration", "disaster-recovery"))
VENDORS = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/every_vendor.yml")
PURGED = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/purged.yml")
CONFIGURATION = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/edge_configuration.yml", "--limit", "uploads:distribution")
WITHOUT_AWS = ("--limit", "!objects:!edge", "--vault-password-file", "sandbox/vault-password")
VARIABLES = ("--limit", "storefront:api", "--vault-password-file", "sandbox/vault-password")
SCENARIOS = (
    Scenario("storefront", _told),
    Scenario("api", _shipped("storefront", "api")),
    Scenario("vendors", _shipped(*ELSEWHERE), inventories=VENDORS),
    Scenario("edge", lambda box: {"bad_at": break_edge(box)}, EDGE, "edge", amazon=True),
    Scenario("configuration", break_configuration, EDGE, "edge", CONFIGURATION, amazon=True),
    Scenario("vulnerability", _vulnerable, "playbooks/respond-vulnerability.yml", "vulnerability", often=False),
    Scenario("frontend", _shipped("storefront"), "playbooks/rollback-frontend.yml", "frontend", PURGED, often=False),
    Scenario("backend", _shipped("api"), "playbooks/rollback-backend.yml", "backend", often=False),
    Scenario("database", _backed_up("data"), RESTORE, "database", often=False),
    Scenario("migration", _backed_up("loyalty-points"), MIGRATION, "migration", undoes_data=False),
    Scenario("migration_with_its_data", _backed_up("one-price-list"), MIGRATION, "migration", often=False),
    Scenario("disaster", _everything, DISASTER, "disaster", WITHOUT_AWS, captured=True, moves=2, often=False),
    Scenario("variables", _misconfigured, "playbooks/rollback-configuration.yml", "configuration", VARIABLES, captured=True),
    Scenario("performance", _crowded, "playbooks/relieve-performance.yml", "performance"),
    Scenario("feature", _feature, "playbooks/disable-feature.yml", "feature"),
    Scenario("payments", _shipped("payments"), "playbooks/rollback-payments.yml", "payments", often=False),
    Scenario("payments-down", _without_stripe, "playbooks/rollback-payments.yml", "payments", often=False),
)


@dataclass
class Broken:
    """The sandbox in a scenario, and an operator who knows what to say."""

    scenario: Scenario
    box: Box
    operator: Operator
    said: dict[str, Any] = field(default_factory=dict)

    def break_it(self) -> Broken:
        if self.scenario.captured:
            ran = self._run("playbooks/capture.yml")
            assert ran.code == 0, ran.screen
        self.said = self.scenario.breaks(self.box)
        return self

    def roll_back(self, *arguments: str, **more: Any) -> Ran:
        return self._run(self.scenario.playbook, *arguments, **self.said, **more)

    def undo(self, **more: Any) -> Ran:
        return self._end("undo", confirmed=f"UNDO SANDBOX {self.scenario.incident}", **more)

    def commit(self, **more: Any) -> Ran:
        return self._end("commit", **more)

    def _end(self, how: str, **more: Any) -> Ran:
        told = {name: value for name, value in self.said.items() if name in ("telling", "deliver_notifications")}
        return self._run(f"playbooks/{how}.yml", scenario=self.scenario.incident, **told, **more)

    def _run(self, playbook: str, *arguments: str, **more: Any) -> Ran:
        return self.operator.run(*self.scenario.inventories, *arguments, playbook=playbook, **more)

    def undone(self, found: dict[str, Any] | None = None) -> dict[str, Any]:
        """Everything that an undo brings back: as it is now, or as it was found."""
        known = found or everything(self.box)
        return {part: row for part, row in known.items() if part != "data" or self.scenario.undoes_data}

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
