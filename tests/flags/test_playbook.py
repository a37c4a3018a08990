"""The modules in a real play: in process, with group defaults, and as ordinary modules elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Box
from tests.flags.vendors import SWITCHES

ROOT = Path(__file__).resolve().parents[2]
PLAY = "tests/flags/plays/switch_off.yml"
SECRETS = ("sandbox-launchdarkly-token", "sandbox-flagsmith-token", "sandbox-vercel-token", "sandbox-edge-config-token")


def play(box: Box, *arguments: str, **variables: Any) -> str:
    """What a play that succeeds prints."""
    urls = {vendor: box.vendor_url(vendor) for vendor in ("launchdarkly", "flagsmith", "vercel")}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local", PLAY, *arguments]
    command += ["-e", json.dumps({"urls": urls, "ansible_python_interpreter": sys.executable, **variables})]
    environment = os.environ | {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default", "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_twice_and_the_second_run_changes_nothing(box: Box) -> None:
    before = [switch.seen(box) for switch in SWITCHES]
    predicted = play(box, "--check", "--diff")
    assert [switch.seen(box) for switch in SWITCHES] == before

    first, second = play(box, "--diff"), play(box)

    assert "changed=3" in predicted
    assert "changed=3" in first
    assert "changed=0" in second
    assert "nobody looked" in first  # LaunchDarkly has no SDK key here
    assert [line for line in predicted.splitlines() if line.startswith(("-", "+"))] == [
        line for line in first.splitlines() if line.startswith(("-", "+"))
    ]


def test_what_was_there_is_put_back_as_it_was(box: Box) -> None:
    before = box.state()["vercel"]["edgeConfigs"]["ecfg_sandboxshop"]["items"]["banner"]["value"]

    play(box, put_back=True)

    assert box.state()["vercel"]["edgeConfigs"]["ecfg_sandboxshop"]["items"]["banner"]["value"] == before


@pytest.mark.parametrize("way", ["in process", "as a module"])
def test_no_secret_is_printed(box: Box, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAUNCHDARKLY_SDK_KEY", "sdk-sandbox-production")
    monkeypatch.setenv("ANSIBLE_CONNECTION_PLUGINS", str(ROOT / "tests" / "bench" / "connection"))

    printed = play(box, "-vvvv", ansible_connection="local" if way == "in process" else "elsewhere")

    assert not [secret for secret in (*SECRETS, "sdk-sandbox-production") if secret in printed]
