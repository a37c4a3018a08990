"""The modules of CloudFront in a real playbook: what origins are sent is captured encrypted, put back, and never printed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import ROOT
from tests.aws.edge_bench import ID, KEYS, Edge

pytestmark = pytest.mark.once
SECRET = "hush-hush-header"


def played(edge: Edge, folder: Path, tasks: list[dict[str, Any]]) -> str:
    defaults = {"group/lastgood.recovery.aws": {**KEYS, "endpoint_url": edge.box.aws_url}}
    play = {"hosts": "localhost", "gather_facts": False, "module_defaults": defaults, "tasks": tasks}
    (folder / "play.yml").write_text(json.dumps([play]))
    (folder / "password").write_text("vault-password")
    given = ["-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"]
    command = ["ansible-playbook", str(folder / "play.yml"), *given, "--vault-password-file", str(folder / "password"), "--diff", "-vvvv"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_secrets_come_back_and_are_never_printed(edge: Edge, tmp_path: Path) -> None:
    origins = edge.config()["Origins"]
    headers = {"Quantity": 1, "Items": [{"HeaderName": "x-from", "HeaderValue": SECRET}]}
    edge.change(Origins={**origins, "Items": [{**origins["Items"][0], "CustomHeaders": headers}, *origins["Items"][1:]]})
    good = edge.config()
    file = str(tmp_path / "captured.json")

    captured = played(edge, tmp_path, [{"lastgood.recovery.cloudfront_config_info": {"distribution": ID, "save_to": file}}])
    edge.change(Origins=origins, Comment="Bad")
    back = {"distribution": ID, "recovery_point": file, "poll": 0.05}
    printed = played(edge, tmp_path, [{"lastgood.recovery.cloudfront_config": back}])

    assert edge.config() == good
    assert Path(file).read_text().startswith("$ANSIBLE_VAULT")
    assert "x-from" in printed
    assert "hush-hush" not in captured + printed
