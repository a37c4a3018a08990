"""Prometheus itself (Debian: prometheus), on the loopback, with a past that a test has made up, its data in a directory that goes with it.

It need not be installed: the package is a file that C(apt-get download) brings, and its programs run from where it is unpacked.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.addresses import HOST
from sandbox.testing import free_ports
from tests.vendor_clients import CACHE

PATIENCE = 60.0
SECONDS = 120
Past = Mapping[str, Sequence[tuple[float, float]]]
"""By series, as C(requests_total{code="200"}), its samples: seconds since the epoch, and the value."""


class Missing(Exception):
    """Why there is no server here."""


def programs() -> Path:
    """The folder with prometheus and promtool. Missing where it cannot be had."""
    found = shutil.which("prometheus")
    if found and shutil.which("promtool", path=str(Path(found).parent)):
        return Path(found).parent
    return unpacked("prometheus") / "usr" / "bin"


def unpacked(package: str) -> Path:
    """The folder with what is in a package of Debian, which is not installed. Missing where it cannot be had."""
    folder = CACHE / package
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{package}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another process may be bringing it
        if not folder.exists():
            _unpack(package, folder)
    return folder


def _unpack(package: str, folder: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Missing(f"{package} is not installed, and there is no apt-get to bring it")
    with tempfile.TemporaryDirectory(dir=folder.parent) as directory:
        if not _ran(["apt-get", "-qq", "download", package], directory):
            _ran(["apt-get", "-qq", "update"], directory)  # as root, where the lists of packages are not there yet
            if not _ran(["apt-get", "-qq", "download", package], directory):
                raise Missing(f"{package} is not installed, and apt-get cannot bring it")
        (archive,) = Path(directory).glob("*.deb")
        fresh = Path(directory, "unpacked")
        if not _ran(["dpkg-deb", "-x", str(archive), str(fresh)], directory):
            raise Missing(f"{archive.name} cannot be unpacked")
        fresh.rename(folder)


def _ran(command: list[str], directory: str) -> bool:
    try:
        return not subprocess.run(command, cwd=directory, capture_output=True, check=False, timeout=SECONDS).returncode
    except subprocess.TimeoutExpired:
        return False


@contextlib.contextmanager
def serving(
    past: Past, scraping: Mapping[str, str] | None = None, rules: Path | None = None, alertmanager: str = ""
) -> Iterator[str]:
    """The address. C(scraping) is read from then on, by job: C({"shop": "127.0.0.1:4800"}), five times a second.

    C(rules) are evaluated as often, and what fires is sent to C(alertmanager): C(127.0.0.1:9093).
    """
    bin = programs()
    port = free_ports()
    with tempfile.TemporaryDirectory(prefix="lastgood-prometheus-") as directory:
        _remember(bin, Path(directory), past)
        jobs = [{"job_name": job, "static_configs": [{"targets": [address]}]} for job, address in (scraping or {}).items()]
        often = {"scrape_interval": "200ms", "scrape_timeout": "200ms", "evaluation_interval": "200ms"}
        settings: dict[str, Any] = {"global": often, "scrape_configs": jobs, "rule_files": [str(rules)] if rules else []}
        if alertmanager:
            settings["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]}
        Path(directory, "prometheus.yml").write_text(json.dumps(settings))  # JSON is YAML
        flags = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={HOST}:{port}"]
        with Path(directory, "log").open("wb") as log:
            server = subprocess.Popen([str(bin / "prometheus"), *flags], cwd=directory, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(server, f"http://{HOST}:{port}", Path(directory, "log"))
            yield f"http://{HOST}:{port}"
        finally:
            server.kill()
            server.wait()


def _remember(bin: Path, directory: Path, past: Past) -> None:
    if not past:
        return
    lines = [f"{series} {value} {at:.3f}" for series, samples in past.items() for at, value in samples]
    (directory / "past").write_text("\n".join([*lines, "# EOF", ""]))
    made = [str(bin / "promtool"), "tsdb", "create-blocks-from", "openmetrics", "past", "data"]
    subprocess.run(made, cwd=directory, capture_output=True, check=True, timeout=SECONDS)


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=1):
                return
        except (urllib.error.URLError, OSError) as reason:
            if server.poll() is not None or time.monotonic() > until:
                raise Missing(f"Prometheus does not start: {reason}; {log.read_bytes()[-500:].decode(errors='replace')}") from None
        time.sleep(0.05)
