"""The vendor's own command line against the emulator: there is no `netlify rollback`, but any call of the API can be made with it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.netlify import Netlify
from sandbox.netlify.seed import SITE_ID
from sandbox.testing import Box
from tests.sandbox.vendor_api import Api
from tests.vendor_clients import Unavailable, installed

PACKAGE = "netlify-cli@26.2.0"
Call = Callable[..., Any]


@pytest.fixture(scope="session")
def executable() -> Path:
    """The CLI; the test is skipped where npm cannot install it."""
    try:
        return installed(PACKAGE, "netlify")
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def call(executable: Path, box: Box, tmp_path: Path) -> Call:
    """Make one call of the API by its name, with a token, in an empty folder; the answer. A failure is an error of the test."""
    settings = {
        "NETLIFY_API_URL": f"{box.vendor_url('netlify')}/api/v1",
        "NETLIFY_AUTH_TOKEN": Netlify.tokens[0],
        "NETLIFY_SITE_ID": SITE_ID,
        "HOME": str(tmp_path),
        "CI": "1",
    }

    def run(operation: str, **data: Any) -> Any:
        command = [str(executable), "api", operation, "--data", json.dumps(data)]
        done = subprocess.run(command, cwd=tmp_path, env=os.environ | settings, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def published(netlify: Api) -> Any:
    return netlify.get(f"/sites/{SITE_ID}")["published_deploy"]


def test_lock_restore_and_roll_back(call: Call, box: Box, netlify: Api) -> None:
    good, bad = published(netlify)["id"], box.ship("blog", "breaks-checkout")["release"]
    assert bad in [deploy["id"] for deploy in call("listSiteDeploys", site_id=SITE_ID)]
    call("lockDeploy", deploy_id=bad)
    assert box.ship("blog")["held"] is True
    assert call("restoreSiteDeploy", site_id=SITE_ID, deploy_id=good)["id"] == good
    assert call("getSite", site_id=SITE_ID)["published_deploy"]["id"] == good
    call("rollbackSiteDeploy", site_id=SITE_ID)
    assert published(netlify)["id"] == bad


def test_builds_variables_and_the_switch(call: Call, box: Box, netlify: Api) -> None:
    variables = call("getEnvVars", account_id="lastgood", site_id=SITE_ID, context_name="production")
    assert {one["key"]: one["values"][0]["value"] for one in variables} == {"LOG_LEVEL": "info", "CURRENCY": "EUR", "SEARCH_KEY": ""}
    build = call("createSiteBuild", site_id=SITE_ID, clear_cache="true")
    assert published(netlify)["id"] == build["deploy_id"]
    call("disableSite", site_id=SITE_ID, reason="drill")
    assert box.state()["serving"]["blog.rachelfoods.test"]["unavailable"] == "SITE_DISABLED"


def test_a_value_for_one_context_leaves_the_others(call: Call) -> None:
    """The calls that its `env:set` and `env:unset` make; these commands themselves need Netlify's extensions, on a host of its own."""
    place = {"account_id": "lastgood", "site_id": SITE_ID}
    call("setEnvVarValue", **place, key="LOG_LEVEL", body={"context": "production", "value": "debug"})
    call("createEnvVars", **place, body=[{"key": "FRESH", "values": [{"context": "production", "value": "yes-please"}]}])
    currency = call("getEnvVar", **place, key="CURRENCY")["values"]
    call("deleteEnvVarValue", **place, key="CURRENCY", id=next(value["id"] for value in currency if value["context"] == "production"))

    left = {one["key"]: {value["context"]: value["value"] for value in one["values"]} for one in call("getEnvVars", **place)}
    assert left["LOG_LEVEL"] == {"all": "info", "production": "debug"}
    assert left["FRESH"] == {"production": "yes-please"}
    assert left["CURRENCY"] == {"deploy-preview": "XTS"}
