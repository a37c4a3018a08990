"""Prisma's own command line, made to run without the native engine that npm does not have: the judge nobody here wrote."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.postgres.prisma_history import History
from tests.vendor_clients import modules

CONFIG = """
import {{ PrismaPg }} from {adapter};
export default {{
  engine: "js", experimental: {{ adapter: true }}, schema: {schema}, migrations: {{ path: {migrations} }},
  adapter: async () => new PrismaPg({{ connectionString: process.env.DATABASE_URL }}),
}};
"""
SCHEMA = """
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"""


class Prisma:
    """C(prisma migrate …) on the database of a history."""

    def __init__(self, history: History, folder: Path) -> None:
        self._history, self._folder = history, folder
        self._program = modules("prisma@6.19.3") / "prisma" / "build" / "index.js"
        adapter = modules("@prisma/adapter-pg@7.10.1") / "@prisma" / "adapter-pg" / "dist" / "index.mjs"
        (history.folder / "migration_lock.toml").write_text('provider = "postgresql"\n')
        (folder / "schema.prisma").write_text(SCHEMA)
        places = {"adapter": str(adapter), "schema": str(folder / "schema.prisma"), "migrations": str(history.folder)}
        (folder / "prisma.config.mjs").write_text(CONFIG.format(**{name: json.dumps(place) for name, place in places.items()}))

    def migrate(self, *words: str) -> tuple[int, str]:
        """Exit status, and all that it says."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "DATABASE_URL": self._history.cluster.url("shop"),
            "CHECKPOINT_DISABLE": "1",
            "PRISMA_QUERY_ENGINE_LIBRARY": "/dev/null",
            "PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true",
            "NO_COLOR": "1",
        }
        command = [shutil.which("node") or "node", str(self._program), "migrate", *words]
        done = subprocess.run(command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
        return done.returncode, done.stdout + done.stderr
