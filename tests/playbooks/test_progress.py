"""What a module tells while it runs on another machine is seen at once, and is in the error when it comes no further."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import progress

from sandbox.addresses import HOST
from sandbox.testing import free_ports
from tests.playbooks.driving import PATIENCE, ROOT

SECRET = "rnd_not_to_be_shown"
TELLS = "asks to slow down"
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
SFTP = "/usr/lib/openssh/sftp-server"


@dataclass
class Vendor:
    """Allows no calls until it is told to refuse the token."""

    server: ThreadingHTTPServer
    refuses: threading.Event

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server.server_address[1]}/v1"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    refuses = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401 if refuses.is_set() else 429)
            self.send_header("Retry-After", "1")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Vendor(server, refuses)
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Playbook:
    """One that runs, what it has shown so far, and the folder for temporary files on the other machine."""

    process: subprocess.Popen[str]
    folder: Path
    screen: str = ""

    def until(self, words: str) -> None:
        """It has shown these words, and runs still."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.screen += line
            if words in line:
                return
        raise AssertionError(f"it ended without {words}: {self.screen}")

    def ended(self) -> str:
        """All that it has shown."""
        assert self.process.stdout is not None
        self.screen += self.process.stdout.read()
        self.process.wait(PATIENCE)
        return self.screen

    def module(self) -> psutil.Process:
        """The module's process, on what is another machine to Ansible."""
        [file] = self.folder.iterdir()
        ours = [one for one in psutil.process_iter() if _environment(one).get(progress.VARIABLE) == str(file)]
        return next(one for one in ours if not any(child in ours for child in one.children()))


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


@pytest.fixture(params=["elsewhere", "ssh"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Variables of a host that is this machine, and not known to be."""
    if request.param == "ssh":
        yield from _over_ssh(tmp_path)
    else:
        yield {"ansible_connection": "elsewhere"}


def _over_ssh(folder: Path) -> Iterator[dict[str, Any]]:
    if not SSHD:
        pytest.skip("sshd is not installed")
    port, key = free_ports(), folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    settings = folder / "sshd_config"
    settings.write_text(
        f"Port {port}\nListenAddress {HOST}\nHostKey {key}\nAuthorizedKeysFile {key}.pub\nStrictModes no\nUsePAM no\n"
        f"PidFile none\nPermitRootLogin yes\nPasswordAuthentication no\nSubsystem sftp {SFTP}\n"
    )
    with (folder / "sshd.log").open("w") as log:
        server = subprocess.Popen([SSHD, "-D", "-e", "-f", str(settings)], stderr=log)
    try:
        _until_it_listens(port, server)
        options = f"-o StrictHostKeyChecking=no -o UserKnownHostsFile={folder / 'known'} -o LogLevel=ERROR"
        yield {
            "ansible_connection": "ssh",
            "ansible_host": HOST,
            "ansible_port": port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(key),
            "ansible_ssh_common_args": options,
            "ansible_control_path_dir": str(folder),
            "sshd": server.pid,
        }
    finally:
        if server.poll() is None:
            for child in psutil.Process(server.pid).children(recursive=True):
                child.kill()
            server.terminate()
        server.wait(PATIENCE)


def _until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection((HOST, port), PATIENCE).close()
        except OSError:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def playbook(vendor: Vendor, machine: dict[str, Any], tmp_path: Path) -> Iterator[Playbook]:
    folder = tmp_path / "there"
    folder.mkdir()
    given = {**machine, "api_url": vendor.url, "ansible_python_interpreter": sys.executable}
    environment = {
        **os.environ,
        "ANSIBLE_CONNECTION_PLUGINS": str(ROOT / "tests/bench/connection"),
        "ANSIBLE_SYSTEM_TMPDIRS": str(folder),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
        "PROGRESS_TEST_KEY": SECRET,
    }
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "-vvvv", "-i", "machine,", "-e", json.dumps(given), str(ROOT / "tests/playbooks/plays/elsewhere.yml")]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        yield Playbook(process, folder)
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_it_is_shown_while_it_runs(playbook: Playbook, vendor: Vendor) -> None:
    playbook.until(TELLS)
    [file] = playbook.folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    vendor.refuses.set()
    screen = playbook.ended()
    assert "It had come to: Render asks to slow down" in screen
    assert SECRET not in screen
    assert list(playbook.folder.iterdir()) == []


def test_a_module_that_was_killed_leaves_its_last_words_and_no_file(playbook: Playbook) -> None:
    playbook.until(TELLS)
    playbook.module().kill()
    screen = playbook.ended()
    assert "It had come to: Render asks to slow down" in screen
    assert SECRET not in screen
    assert list(playbook.folder.iterdir()) == []


@pytest.mark.parametrize("machine", ["ssh"], indirect=True)
def test_a_connection_that_was_lost_says_how_far_it_was(playbook: Playbook, machine: dict[str, Any]) -> None:
    playbook.until(TELLS)
    module = playbook.module()
    for session in psutil.Process(machine["sshd"]).children():
        session.kill()
    psutil.Process(machine["sshd"]).terminate()
    screen = playbook.ended()
    assert "UNREACHABLE" in screen
    assert "it had come to: Render asks to slow down" in screen
    assert SECRET not in screen
    if module.is_running():
        module.kill()


def test_without_a_file_nothing_is_told_and_nothing_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("of somebody else")
    for path in ("", str(taken), str(tmp_path / "no" / "folder")):
        monkeypatch.setenv(progress.VARIABLE, path)
        with progress.told(str) as tell:
            tell("a line")
    assert taken.read_text() == "of somebody else"


def test_what_is_secret_never_reaches_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = progress.new_path(str(tmp_path))
    monkeypatch.setenv(progress.VARIABLE, path)
    with progress.told(lambda text: text.replace("secret", "***")) as tell:
        tell("a secret\nof two lines, é")
        written = Path(path).read_text()
    assert progress.read(f"Warning: noise\r\n{written}") == ["a ***\nof two lines, é"]
    assert list(tmp_path.iterdir()) == []
