"""AWX itself, from its sources, on the loopback: `python -m tests.awx.server HOME` makes what is missing there, and runs until stopped.

HOME/src has the sources; README.md says which. Everything else in HOME is made here: the interpreters, PostgreSQL's files, Redis, the logs.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from sandbox.addresses import HOST
from sandbox.postgres import _give, _identity
from tests.postgres.clusters import PLACES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("awx", "django-ansible-base", "awx_plugins.interfaces", "awx-plugins")
AWX_VERSION = "24.6.2.dev"
LEFT_OUT = r"^(uwsgi|#|\s|$)|git\+"
"""Lines of AWX's requirements: what is built from sources here, what a server does that this one lacks, and comments."""
PORT = 8052
SETTINGS = """
DATABASES = {{"default": {{"ATOMIC_REQUESTS": True, "ENGINE": "awx.main.db.profiled_pg", "NAME": "awx", "USER": "postgres",
                           "HOST": "{host}", "PORT": "{postgres}", "OPTIONS": {{}}}}}}
SECRET_KEY = BROADCAST_WEBSOCKET_SECRET = "{secret}"
ALLOWED_HOSTS = ["{host}"]
CLUSTER_HOST_ID = "awx"
SYSTEM_UUID = "00000000-0000-0000-0000-000000000000"
IS_K8S = True
BROKER_URL = "unix://{home}/redis.sock"
CACHES = {{"default": {{"BACKEND": "awx.main.cache.AWXRedisCache", "LOCATION": "unix://{home}/redis.sock?db=1"}}}}
CHANNEL_LAYERS = {{"default": {{"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {{"hosts": [BROKER_URL]}}}}}}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
PROJECTS_ROOT = "{home}/projects"
JOBOUTPUT_ROOT = STATIC_ROOT = "{home}/output"
BASE_VENV_PATH = "{home}"
"""
RECEPTOR = """
- control-service: {{service: control, filename: {home}/receptor.sock}}
"""


class Awx:
    """One AWX with its PostgreSQL, Redis and runner; `start` brings it up, `stop` ends what it started."""

    def __init__(self, home: Path, port: int = PORT) -> None:
        self.home, self.port = home, port
        self.url = f"http://{HOST}:{port}"
        self._database, self._bin = home / "postgres", PLACES[15]
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        missing = [name for name in SOURCES if not (self.home / "src" / name).is_dir()]
        if missing:
            raise SystemExit(f"no sources of {', '.join(missing)} in {self.home}/src: see tests/awx/README.md")
        for name in ("projects", "output", "logs", "code"):
            (self.home / name).mkdir(exist_ok=True)
        self._interpreters()
        self._code()
        self._redis()
        fresh = self._postgres()
        if fresh:
            self._fill()
        self._run("receptor", [self.home / "runner/bin/python", ROOT / "tests/awx/receptor.py", self.home])
        for name in ("run_dispatcher", "run_callback_receiver"):
            self._run(name, self._manage(name))
        self._run("web", self._manage("runserver", f"{HOST}:{self.port}", "--noreload"))
        self._answering()

    def stop(self) -> None:
        for process in reversed(self._started):
            process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
        if (self._database / "postmaster.pid").exists():
            self._postgres_program("pg_ctl", "-D", str(self._database), "-w", "-s", "-m", "fast", "stop")

    def _interpreters(self) -> None:
        """One for AWX, with the requirements it pins; one for its jobs, with what the project pins."""
        if not (self.home / "venv/made").exists():
            subprocess.run(["python3.11", "-m", "venv", "--clear", self.home / "venv"], check=True)
            pinned = (self.home / "src/awx/requirements/requirements.txt").read_text().splitlines()
            wanted = self.home / "requirements.txt"
            wanted.write_text("\n".join(line for line in pinned if not re.search(LEFT_OUT, line)))
            self._install("venv", "-r", wanted, "psycopg-binary==3.1.18", "ansible-runner==2.4.3", "ansible-core==2.16.*", "certifi")
            self._install("venv", "--no-deps", *(self.home / "src" / name for name in SOURCES[1:]))
            (self.home / "venv/made").touch()
        if not (self.home / "runner/made").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", self.home / "runner"], check=True)
            self._install("runner", "-r", ROOT / "requirements.txt")
            self._install("runner", "ansible-runner==2.4.3")
            (self.home / "runner/made").touch()

    def _install(self, venv: str, *what: str | Path) -> None:
        environment = {**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": "0.1"}
        place = self.home / venv / "bin"
        if not (place / "uv").exists():  # pip takes minutes for what it takes seconds for
            subprocess.run([place / "pip", "install", "-q", "uv"], check=True)
        compiled: list[str | Path] = [place / "uv", "pip", "install", "-q", "--compile-bytecode", "--python", place / "python"]
        subprocess.run([*compiled, *what], check=True, env=environment)

    def _code(self) -> None:
        """A copy of AWX that looks for receptor's configuration in HOME instead of in /etc."""
        code = self.home / "code/awx"
        if code.exists():
            return
        shutil.copytree(self.home / "src/awx", code, symlinks=True)
        (code / "VERSION").write_text(AWX_VERSION)
        (code / "awx/devonly.py").unlink()  # it is what makes AWX want its developers' tools
        speaking = code / "awx/main/tasks/receptor.py"
        text = speaking.read_text()
        for usual in ("/etc/receptor", "/var/run/receptor"):
            text = text.replace(usual, str(self.home))
        speaking.write_text(text)
        (self.home / "receptor.conf").write_text(RECEPTOR.format(home=self.home))
        values = {"host": HOST, "postgres": self.port + 1, "home": self.home, "secret": secrets.token_hex(16)}
        (self.home / "settings.py").write_text(SETTINGS.format(**values))

    def _redis(self) -> None:
        server = shutil.which("redis-server") or self._unpacked()
        paths = {"LD_LIBRARY_PATH": str(self.home / "redis/usr/lib/x86_64-linux-gnu")}
        options: list[str | Path] = ["--port", "0", "--unixsocket", self.home / "redis.sock", "--save", "", "--dir", self.home]
        self._run("redis", [server, *options], {**os.environ, **paths})

    def _unpacked(self) -> Path:
        folder = self.home / "redis"
        if not folder.exists():
            folder.mkdir()
            packages = ["redis-server", "redis-tools", "liblzf1", "libjemalloc2", "libatomic1"]
            subprocess.run(["apt-get", "-qq", "download", *packages], check=True, cwd=folder)
            for package in folder.glob("*.deb"):
                subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        return folder / "usr/bin/redis-server"

    def _postgres(self) -> bool:
        """Whether the database is a new one."""
        fresh = not (self._database / "filled").exists()
        if fresh:
            shutil.rmtree(self._database, ignore_errors=True)
            self._database.mkdir()
            _give(self._database)
            self._postgres_program("initdb", "-D", str(self._database), "-U", "postgres", "--no-sync", "-A", "trust", "--encoding=UTF8")
        options = f"-p {self.port + 1} -c listen_addresses={HOST} -c unix_socket_directories='' -c fsync=off -c max_connections=200"
        log = ["-l", str(self._database / "log")]
        self._postgres_program("pg_ctl", "-D", str(self._database), "-w", "-s", *log, "-o", options, "start")
        return fresh

    def _postgres_program(self, name: str, *arguments: str) -> None:
        quiet = subprocess.DEVNULL
        subprocess.run([self._bin / name, *arguments], check=True, cwd="/", stdout=quiet, stderr=quiet, **_identity())

    def _fill(self) -> None:
        self._postgres_program("createdb", "-h", HOST, "-p", str(self.port + 1), "-U", "postgres", "awx")
        password = secrets.token_hex(8)
        (self.home / "password").write_text(password)
        (self.home / "password").chmod(0o600)
        environment = {"DJANGO_SUPERUSER_PASSWORD": password}
        self._once(environment, "migrate", "--noinput")
        self._once(environment, "createsuperuser", "--noinput", "--username=admin", "--email=admin@localhost")
        self._once(environment, "create_preload_data")
        self._once(environment, "provision_instance", "--hostname=awx", "--node_type=control")
        self._once(environment, "register_queue", "--queuename=controlplane", "--instance_percent=100")
        self._once(environment, "register_queue", "--queuename=default", "--instance_percent=100")
        self._once(environment, "register_default_execution_environments")
        (self._database / "filled").touch()

    def _once(self, environment: dict[str, str], *arguments: str) -> None:
        with (self.home / "logs" / "once").open("ab") as log:
            subprocess.run(self._manage(*arguments), check=True, stdout=log, stderr=log, cwd=self.home / "code/awx",
                           env={**self._environment(), **environment})

    def _manage(self, *arguments: str) -> list[str | Path]:
        return [self.home / "venv/bin/python", self.home / "code/awx/manage.py", *arguments]

    def _environment(self) -> dict[str, str]:
        ours = {"DJANGO_SETTINGS_MODULE": "awx.settings.production", "AWX_SETTINGS_FILE": str(self.home / "settings.py"),
                "AWX_SETTINGS_DIR": str(self.home / "none"), "AWX_LOGGING_MODE": "stdout", "SKIP_SECURE_REDIRECT": "1",
                "PATH": f"{self.home / 'venv/bin'}:{os.environ['PATH']}"}
        return {**os.environ, **ours}

    def _run(self, name: str, command: list[str | Path], environment: dict[str, str] | None = None) -> None:
        with (self.home / "logs" / name).open("ab") as log:
            started = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, cwd=self.home / "code/awx",
                                       env=environment or self._environment(), start_new_session=True)
        self._started.append(started)

    def _answering(self) -> None:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/api/v2/ping/", timeout=10).read()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise SystemExit(f"AWX does not answer at {self.url}: see {self.home}/logs")


def main() -> None:
    awx = Awx(Path(sys.argv[1]).resolve())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        awx.start()
        print(f"LASTGOOD_AWX={awx.url}, user admin, password in {awx.home}/password", flush=True)
        signal.pause()
    finally:
        awx.stop()


if __name__ == "__main__":
    main()
