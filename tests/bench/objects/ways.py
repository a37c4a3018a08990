"""The ways to put a bucket back, each as a command of its own, and what they cost: wall clock, processor time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measuring import ROOT
from tests.seaweedfs import KEYS
from tests.vendor_clients import CACHE, Unavailable

WHO = {"AWS_ACCESS_KEY_ID": KEYS["access_key"], "AWS_SECRET_ACCESS_KEY": KEYS["secret_key"], "AWS_DEFAULT_REGION": KEYS["region"]}
PIT_RESTORE = "s3-pit-restore==0.9"


# A process counts as its own the memory of the one that started it, so that one has to be small.
_LAUNCH = """
import os, sys, time
began = time.monotonic()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_pid, status, used = os.wait4(process, 0)
print("\\n", time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Spent:
    """Seconds, and the most memory in MB."""

    wall: float
    cpu: float
    memory: float
    said: str


def spent(command: list[str], more: Mapping[str, str] | None = None) -> Spent:
    """Run it once. One that fails is no measurement: AssertionError with the end of what it said."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = inherited | WHO | {"PYTHONPATH": f"{ROOT}:{ROOT / 'collections'}"} | dict(more or {})
    launched = [sys.executable, "-S", "-c", _LAUNCH, *command]
    done = subprocess.run(launched, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    said, _newline, figures = done.stdout.rstrip().rpartition("\n")
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}"
    wall, cpu, kilobytes = map(float, figures.split())
    return Spent(wall, cpu, kilobytes / 1000, said)


def ours(url: str, bucket: str, moment: str, method: str, verify: bool = False) -> Spent:
    return spent([sys.executable, "-m", "tests.bench.objects.ours", url, bucket, moment, method, "verify" if verify else "-"])


def raw(url: str, bucket: str, copies: int) -> Spent:
    """Copies and nothing else."""
    return spent([sys.executable, "-m", "tests.bench.objects.raw", url, bucket, str(copies)])


def plain_boto3(url: str, bucket: str, moment: str, method: str) -> Spent:
    return spent([sys.executable, "-m", "tests.bench.objects.plain_boto3", url, bucket, moment, method])


def pit_restore(url: str, bucket: str, moment: str, script: Path | None = None) -> Spent:
    """The release on PyPI, or with C(script) another state of it, with the libraries of the release."""
    program = [str(script or _installed() / "s3-pit-restore")]
    command = [str(_installed() / "python"), *program, "-b", bucket, "-B", bucket, "-t", moment]
    return spent(command, {"AWS_ENDPOINT_URL": url})


def _installed() -> Path:
    """The folder of its programs, installed once into the checkout's cache."""
    folder = CACHE / PIT_RESTORE
    if not (folder / "bin" / "s3-pit-restore").exists():
        venv.create(folder, with_pip=True)
        done = subprocess.run([folder / "bin" / "pip", "install", "-q", PIT_RESTORE], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(f"{PIT_RESTORE} cannot be installed: {done.stderr[-300:]}")
    return folder / "bin"
