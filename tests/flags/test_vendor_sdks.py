"""The vendors' own SDKs get from the emulators what the modules say that they get."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.flags.launchdarkly import SDK_KEYS
from sandbox.testing import Box
from sandbox.vercel import edge_config
from tests.flags.vendors import SWITCHES, Switch
from tests.vendor_clients import Unavailable, modules

SCRIPT = Path(__file__).with_name("sdk.mjs")
PACKAGES = {
    "launchdarkly": "@launchdarkly/node-server-sdk@9.13.7",
    "flagsmith": "flagsmith-nodejs@8.1.2",
    "edgeConfig": "@vercel/edge-config@1.5.1",
}
Asked = tuple[str, Callable[[Box], str], str, str]
_EDGE: Asked = ("edgeConfig", lambda box: f"{box.vendor_url('vercel')}/{edge_config.ID}", edge_config.READ_TOKEN, "new-checkout")
# The vendor in the script, where its SDK asks, with what, and for which flag.
SDKS: dict[str, Asked] = {
    "launchdarkly": ("launchdarkly", lambda box: box.vendor_url("launchdarkly"), SDK_KEYS["production"], "new-checkout"),
    "flagsmith": ("flagsmith", lambda box: f"{box.vendor_url('flagsmith')}/api/v1", "sandboxProduction", "new_checkout"),
    "flagsmith-versioned": ("flagsmith", lambda box: f"{box.vendor_url('flagsmith')}/api/v1", "sandboxVersioned", "new_checkout"),
    "edge-config": _EDGE,
    "edge-config-removed": _EDGE,
}


def evaluated(box: Box, switch: Switch) -> Any:
    """The flag's value in an application; the test is skipped where npm cannot install the SDK."""
    vendor, url, credential, flag = SDKS[switch.name]
    try:
        folder = modules(PACKAGES[vendor]).parent
    except Unavailable as reason:
        pytest.skip(str(reason))
    command = [shutil.which("node") or "node", str(SCRIPT), vendor, url(box), credential, flag]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("switch", SWITCHES, ids=str)
def test_an_application_gets_it(box: Box, switch: Switch) -> None:
    assert evaluated(box, switch) is True

    switch.ask(box, switch.off)

    assert evaluated(box, switch) is (None if switch.off == {"state": "absent"} else False)


def test_an_application_gets_the_off_variation(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """LaunchDarkly's flag is off, and on for whoever asks: what the module warns about."""
    switch = next(one for one in SWITCHES if one.name == "launchdarkly")
    vendor, url, credential, _flag = SDKS["launchdarkly"]
    monkeypatch.setitem(SDKS, "launchdarkly", (vendor, url, credential, "legacy-payments"))

    result = switch.ask(box, switch.off, name="legacy-payments")

    assert (result["seen"], evaluated(box, switch)) == (False, True)
