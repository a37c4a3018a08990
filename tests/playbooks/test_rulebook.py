"""A bad release, a real Prometheus, a real Alertmanager, a real ansible-rulebook: noticed and rolled back without anybody.

C(LASTGOOD_RULEBOOK=1) runs it: it takes minutes, Java 17, and packages of Debian.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

from sandbox.addresses import HOST
from sandbox.testing import Box, free_ports, running
from tests import alertmanager_server, prometheus_server
from tests.playbooks.driving import ROOT, Operator
from tests.playbooks.looking import checkout_works, world
from tests.playbooks.test_triggers import TRIGGERS, rows

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif("LASTGOOD_RULEBOOK" not in os.environ, reason="LASTGOOD_RULEBOOK is not set"),
    pytest.mark.skipif(not shutil.which("java"), reason="there is no Java"),
]
TOKEN = "a-token-of-the-tests"


@pytest.fixture
def shop() -> Iterator[Box]:
    with running(load=5) as box:
        yield box


@contextlib.contextmanager
def rulebook(name: str, operator: Operator, port: int, log: Path) -> Iterator[None]:
    """The real C(scripts/rulebook) until the end."""
    environment = operator.environment(
        LASTGOOD_INCIDENTS=str(operator.store), LASTGOOD_WEBHOOK_TOKEN=TOKEN, LASTGOOD_WEBHOOK_PORT=str(port)
    )
    with log.open("wb") as out:
        process = subprocess.Popen(
            [ROOT / "scripts/rulebook", name, "--print-events"], cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield
    finally:
        answering = psutil.Process(process.pid).children(recursive=True)  # playbooks have sessions of their own, and outlive it
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        for one in answering:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        process.kill()
        process.wait()


def until(happened: Callable[[], bool], seconds: float, log: Path) -> float:
    """When it had happened, by the clock of this process."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, log.read_text(errors="replace")[-3000:]
        time.sleep(0.1)
    return time.monotonic()


def listens(port: int) -> bool:
    """Whether it answers, which it does with a refusal."""
    with contextlib.suppress(requests.RequestException):
        return requests.post(f"http://{HOST}:{port}/alertmanager", json={}, timeout=2).status_code == 401
    return False


def outcomes(operator: Operator) -> list[str]:
    return [row["outcome"] for row in rows(operator)] if (operator.store / "triggers-sandbox.json").exists() else []


def test_a_bad_release_is_noticed_and_rolled_back_and_what_is_forged_is_turned_away(shop: Box, tmp_path: Path) -> None:
    operator, log, rules = Operator(shop, tmp_path / "incidents"), tmp_path / "rulebook.log", tmp_path / "lastgood.rules.yml"
    written = operator.run(playbook="playbooks/alert-rules.yml", severity=None, rules_file=str(rules))
    assert written.code == 0, written.screen
    port = free_ports()
    webhook = f"http://{HOST}:{port}/alertmanager"
    with (
        rulebook("respond", operator, port, log),
        alertmanager_server.alerting(port + 1, webhook, TOKEN) as alertmanager,
        prometheus_server.serving({}, {"shop": f"{HOST}:{shop.port}"}, rules, alertmanager),
    ):
        until(lambda: listens(port), 180, log)
        before = world(shop)
        for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": f"Basic {TOKEN}"}):
            assert requests.post(webhook, json={"alerts": []}, headers=headers, timeout=5).status_code == 401
        time.sleep(3)  # twice the window of the rules: Prometheus knows how it is when all is well
        assert (outcomes(operator), world(shop)) == ([], before)

        broken = time.monotonic()
        shop.ship("storefront", "breaks-checkout")
        detected = until(lambda: "looking" in outcomes(operator) or "acting" in outcomes(operator), 120, log)
        restored = until(lambda: checkout_works(shop), 120, log)
        until(lambda: "acted" in outcomes(operator), 120, log)
        row = next(row for row in rows(operator) if row["outcome"] == "acted")
        assert (row["verdict"], row["code"], operator.fields()["verdict"]) == ("RESTORED", 0, "RESTORED")
        print(f"\nnoticed after {detected - broken:.1f} s, restored after {restored - broken:.1f} s")

        message = (tmp_path / "rulebook.log").read_text(errors="replace")
        assert "RESTORED in" in message
        assert TOKEN not in message
        after = world(shop)
        fields = operator.fields()
        fired = {"labels": {"alertname": "failed checkouts"}, "status": "firing", "fingerprint": "f", "startsAt": fields["bad_at"]}
        access = {"Authorization": f"Bearer {TOKEN}"}
        known = len(outcomes(operator))
        assert requests.post(webhook, json={"alerts": [fired]}, headers=access, timeout=5).status_code == 200
        until(lambda: len(outcomes(operator)) > known, 60, log)
        assert "acted" not in outcomes(operator)[known:]
        assert (world(shop), len(operator.incidents())) == (after, 1)
    assert operator.run(playbook=TRIGGERS, severity=None).code == 0


def test_without_prometheus_the_rulebook_looks_for_itself(shop: Box, tmp_path: Path) -> None:
    operator, log = Operator(shop, tmp_path / "incidents"), tmp_path / "rulebook.log"
    with rulebook("without-prometheus", operator, free_ports(), log):
        until(lambda: "is watched" in log.read_text(errors="replace"), 180, log)
        broken = time.monotonic()
        shop.ship("storefront", "breaks-checkout")
        restored = until(lambda: checkout_works(shop), 180, log) if not checkout_works(shop) else 0.0
        until(lambda: "acted" in outcomes(operator), 120, log)
        print(f"\nrestored after {restored - broken:.1f} s")
        assert operator.fields()["verdict"] == "RESTORED"
