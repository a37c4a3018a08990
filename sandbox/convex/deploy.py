"""Deploys the project in the working directory to the sandbox, with the calls that `npx convex deploy` makes: for machines without npm.

It needs nothing but Python: `python …/sandbox/convex/deploy.py`, with CONVEX_SELF_HOSTED_URL and CONVEX_SELF_HOSTED_ADMIN_KEY.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PATIENCE = 60
"""Seconds for the schema to be validated."""


def call(path: str, body: dict[str, Any]) -> Any:
    url, key = os.environ["CONVEX_SELF_HOSTED_URL"].rstrip("/"), os.environ["CONVEX_SELF_HOSTED_ADMIN_KEY"]
    headers = {"Authorization": f"Convex {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url + path, json.dumps({"adminKey": key, **body}).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def deploy() -> str:
    """Empty when it is deployed, else why not."""
    sources = [{"path": path.name, "source": path.read_text(), "environment": "isolate"} for path in sorted(Path("convex").glob("*.ts"))]
    app = {"definition": None, "dependencies": [], "schema": None, "functions": sources, "udfServerVersion": "1.31.0"}
    push = {"dryRun": False, "functions": "convex/", "appDefinition": app, "componentDefinitions": [], "nodeDependencies": []}
    started = call("/api/deploy2/start_push", push)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        status = call("/api/deploy2/wait_for_schema", {"schemaChange": started["schemaChange"], "timeoutMs": 10_000, "dryRun": False})
        if status["type"] == "complete":
            call("/api/deploy2/finish_push", {"startPush": started, "dryRun": False})
            return ""
        if status["type"] == "failed":
            return f"Schema validation failed.\n{status['error']}"
        if status["type"] == "raceDetected":
            return "Schema was overwritten by another push."
        time.sleep(0.1)
    return "Error: Unable to wait for schema"


if __name__ == "__main__":
    try:
        problem = deploy()
    except urllib.error.HTTPError as error:
        problem = f"Error: {error.code} {json.loads(error.read() or b'{}').get('message', '')}"
    except OSError as error:
        problem = f"Error: fetch failed ({error})"
    print(problem or "Deployed Convex functions", file=sys.stderr)
    sys.exit(1 if problem else 0)
