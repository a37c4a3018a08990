"""A broken frontend goes back on every domain, and what was cached of it is forgotten once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.testing import Box
from tests.playbooks.driving import Operator, calls
from tests.playbooks.looking import everything, served
from tests.playbooks.scenarios import PURGED

pytestmark = pytest.mark.once
FRONTEND = "playbooks/rollback-frontend.yml"
BEHIND = ("-i", "inventories/sandbox", "-i", "tests/playbooks/inventory/behind_the_edge.yml")
PURGES = ["/v1/edge-cache/purge-all", "/v1/data-cache/purge-all"]
AT_HEROKU = """
all:
  children:
    frontend:
      hosts:
        accounts:
          provider: heroku
          service: "{{ heroku | combine({'app': 'accounts'}) }}"
          purge: true
"""


def purges(box: Box) -> list[str]:
    """What the storefront's vendor was asked to forget."""
    rows: list[dict[str, Any]] = next(
        row.get("purges", []) for row in box.state()["vercel"]["projects"].values() if row["name"] == "storefront"
    )
    return [row["what"] for row in rows]


def test_planned_rolled_back_purged_once_and_undone(box: Box, operator: Operator) -> None:
    good = everything(box)["serving"]
    box.ship("storefront", "breaks-checkout")
    box.ship("api", "breaks-checkout")
    broken = everything(box)

    planned = operator.check(*PURGED, playbook=FRONTEND)
    assert planned.code == 0, planned.screen
    assert "SANDBOX frontend" in planned.words or "frontend is broken" in planned.words.lower()
    assert (everything(box), purges(box)) == (broken, [])

    ran = operator.run(*PURGED, playbook=FRONTEND)
    assert ran.code == 0, ran.screen
    now = everything(box)["serving"]
    assert {address: row for address, row in now.items() if address != "api"} == {k: v for k, v in good.items() if k != "api"}
    assert now["api"] == broken["serving"]["api"], "the backends are left alone"
    assert purges(box) == ["edge cache", "data cache"]
    made = [path for target, _method, path in calls(operator.journal()) if target == "storefront"]
    assert [path.split("?")[0] for path in made][-2:] == PURGES, "last, or the bad release would be cached again"
    assert "TypeError" in (operator.incident() / "logs" / "storefront.runtime.log").read_text()

    again = operator.run(*PURGED, playbook=FRONTEND)
    assert (again.code, again.totals) == (0, (2, 0, 0)), again.screen
    assert len(purges(box)) == 2

    undone = operator.run(*PURGED, playbook="playbooks/undo.yml", scenario="frontend", confirmed="UNDO SANDBOX frontend")
    assert undone.code == 0, undone.screen
    assert everything(box)["serving"] == broken["serving"]
    assert len(purges(box)) == 4, "what is cached of the good release is none of the bad one's"


def test_what_cannot_be_purged_is_not_green(box: Box, operator: Operator, tmp_path: Path) -> None:
    """Heroku caches nothing, so the inventory asks for what nobody can do."""
    (tmp_path / "heroku.yml").write_text(AT_HEROKU)
    before = served(box)
    box.ship("storefront", "breaks-checkout")
    box.ship("accounts", "breaks-checkout")

    ran = operator.run("-i", "inventories/sandbox", "-i", str(tmp_path / "heroku.yml"), playbook=FRONTEND)

    assert ran.code == 10, ran.screen
    assert "what is cached of the bad release was not purged: accounts" in ran.words
    assert served(box) == before


def test_the_edge_in_front_forgets_after_the_vendor_has(aws: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    operator = Operator(aws, tmp_path / "incidents")
    expect = {"status": 200, "contains": "Pay now"}
    pages = [{"name": f"checkout page at {pop}", "url": f"{url}/checkout", "expect": expect} for pop, url in aws.edge_urls.items()]
    aws.ship("storefront", "breaks-checkout")

    ran = operator.run(*BEHIND, playbook=FRONTEND, flows={"frontend": pages})

    assert ran.code == 0, ran.screen
    assert all("Pay now" in requests.get(f"{url}/checkout", timeout=5).text for url in aws.edge_urls.values())
    made = [(method, path.split("?")[0]) for _target, method, path in calls(operator.journal())]
    assert [path for _method, path in made[-3:-1]] == PURGES
    assert made[-1][0] == "CreateInvalidation"
    again = operator.run(*BEHIND, playbook=FRONTEND, flows={"frontend": pages})
    assert (again.code, again.totals[1:]) == (0, (0, 0)), again.screen
