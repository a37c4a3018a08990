"""Alertmanager itself (Debian: prometheus-alertmanager), on the loopback, sending all that fires to one webhook."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from sandbox.addresses import HOST
from tests.prometheus_server import PATIENCE, Missing, unpacked

TEMPLATES = b"/usr/share/prometheus/alertmanager"
"""Where Debian's program looks for its templates, which are there only when it is installed."""


def program(directory: Path) -> Path:
    """The program, which looks for its templates in the working directory: the name is as long as it was."""
    package = unpacked("prometheus-alertmanager")
    code = (package / "usr/bin/prometheus-alertmanager").read_bytes()
    if TEMPLATES not in code:
        raise Missing("this Alertmanager looks for its templates elsewhere")
    copy = directory / "alertmanager"
    copy.write_bytes(code.replace(TEMPLATES, b"." + b"/" * (len(TEMPLATES) - 1)))
    copy.chmod(0o755)
    for template in (package / "usr/share/prometheus/alertmanager").glob("*.tmpl"):
        (directory / template.name).write_bytes(template.read_bytes())
    return copy


@contextlib.contextmanager
def alerting(port: int, webhook: str, token: str) -> Iterator[str]:
    """Its address, C(127.0.0.1:9093)."""
    with tempfile.TemporaryDirectory(prefix="lastgood-alertmanager-") as scratch:
        directory = Path(scratch)
        (directory / "token").write_text(token)
        access = {"authorization": {"type": "Bearer", "credentials_file": str(directory / "token")}}
        hooks = [{"url": webhook, "send_resolved": True, "http_config": access}]
        waits = {"group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h"}
        route = {"receiver": "lastgood", "group_by": ["environment"], **waits}
        settings = {"route": route, "receivers": [{"name": "lastgood", "webhook_configs": hooks}]}
        (directory / "alertmanager.yml").write_text(json.dumps(settings))  # JSON is YAML
        flags = ["--config.file=alertmanager.yml", "--storage.path=data", f"--web.listen-address={HOST}:{port}"]
        flags.append("--cluster.listen-address=")
        with (directory / "log").open("wb") as log:
            server = subprocess.Popen([str(program(directory)), *flags], cwd=directory, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(server, f"http://{HOST}:{port}/-/ready", directory / "log")
            yield f"{HOST}:{port}"
        finally:
            server.kill()
            server.wait()


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError) as reason:
            if server.poll() is not None or time.monotonic() > until:
                raise Missing(f"Alertmanager does not start: {reason}; {log.read_bytes()[-500:].decode(errors='replace')}") from None
        time.sleep(0.05)
