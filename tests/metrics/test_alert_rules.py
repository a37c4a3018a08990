"""The inventory's alerts as rules of Prometheus: fresh, understood by promtool, and firing when they should."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lastgood.recovery.plugins.modules import alert_rules

from tests import prometheus_server
from tests.contract.bench import printed_by

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "rulebooks/prometheus/lastgood.rules.yml"
NAMES = ("failed checkouts", "p95 of an answer", "payments that succeed", "failed health checks in a row")
HEALTH = "https://rachelfoods.com/health"


@pytest.fixture(scope="module")
def promtool() -> Path:
    try:
        return prometheus_server.programs() / "promtool"
    except prometheus_server.Missing as reason:
        pytest.skip(str(reason))


def said(tool: Path, *arguments: str | Path) -> str:
    ran = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def production() -> dict[str, Any]:
    given: dict[str, Any] = yaml.safe_load((ROOT / "inventories/production/group_vars/all/drills.yml").read_text())
    for rule in given["alerts"]:
        if "health" in rule:
            rule["health"] = [HEALTH, "https://api.rachelfoods.com/health"]
    return given


def test_the_published_rules_are_those_of_production_and_written_once(promtool: Path, tmp_path: Path) -> None:
    written = tmp_path / "lastgood.rules.yml"
    options = {"alerts": production()["alerts"], "environment_name": "production", "dest": str(written)}
    foreseen = printed_by(alert_rules.main, check=True, **options)
    assert (foreseen["changed"], written.exists()) == (True, False)
    assert printed_by(alert_rules.main, **options)["changed"]
    assert not printed_by(alert_rules.main, **options)["changed"]
    assert written.read_text() == PUBLISHED.read_text() == foreseen["diff"]["after"], (
        "write it: ansible-playbook -i inventories/production playbooks/alert-rules.yml"
    )
    assert "SUCCESS: 6 rules found" in said(promtool, "check", "rules", PUBLISHED)


def test_each_fires_after_its_duration_and_not_before(promtool: Path, tmp_path: Path) -> None:
    """Failed checkouts 20 %, answers of six seconds, half of the payments, a health check that fails four times."""
    bad = {
        'checkout_attempts_total{result="ok"}': "0+48x80",
        'checkout_attempts_total{result="error"}': "0+12x80",
        'request_duration_seconds_bucket{le="5"}': "0+0x80",
        'request_duration_seconds_bucket{le="10"}': "0+60x80",
        'request_duration_seconds_bucket{le="+Inf"}': "0+60x80",
        'requests_total{service="payments",route="/charges",status="201"}': "0+30x80",
        'requests_total{service="payments",route="/charges",status="500"}': "0+30x80",
        f'probe_success{{instance="{HEALTH}"}}': "1x40 0x40",
        'probe_success{instance="https://api.rachelfoods.com/health"}': "1x80",
    }
    begins = {"failed checkouts": 5, "p95 of an answer": 5, "payments that succeed": 10}
    rules = {rule["alert"]: rule for rule in yaml.safe_load(PUBLISHED.read_text())["groups"][0]["rules"]}

    def expected(name: str, at: str, fires: bool) -> dict[str, Any]:
        labels = {"environment": "production", "lastgood": "respond"} | ({"instance": HEALTH} if "health" in name else {})
        alerts = [{"exp_labels": labels, "exp_annotations": rules[name]["annotations"]}] if fires else []
        return {"eval_time": at, "alertname": name, "exp_alerts": alerts}

    expectations = [expected(name, f"{minutes + 1}m", True) for name, minutes in begins.items()]
    expectations += [expected(name, f"{minutes - 1}m", False) for name, minutes in begins.items()]
    expectations += [expected(NAMES[3], "10m45s", False), expected(NAMES[3], "11m15s", True)]
    series = [{"series": name, "values": values} for name, values in bad.items()]
    tests = {"rule_files": [str(PUBLISHED)], "evaluation_interval": "15s", "tests": [
        {"interval": "15s", "input_series": series, "alert_rule_test": expectations}]}  # fmt: skip
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests))
    assert "SUCCESS" in said(promtool, "test", "rules", tmp_path / "tests.yml")


def test_the_settings_of_alertmanager_are_understood() -> None:
    try:
        amtool = prometheus_server.unpacked("prometheus-alertmanager") / "usr/bin/amtool"
    except prometheus_server.Missing as reason:
        pytest.skip(str(reason))
    checked = said(amtool, "check-config", ROOT / "rulebooks/prometheus/alertmanager.yml")
    assert "2 receivers" in checked
