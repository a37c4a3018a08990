"""Exports and imports the sandbox's data, with the calls that `npx convex export` and `import` make: for machines without npm.

It needs nothing but Python: `python …/sandbox/convex/move.py export --path FILE` or `import --replace-all -y FILE`, with
CONVEX_SELF_HOSTED_URL and CONVEX_SELF_HOSTED_ADMIN_KEY.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PATIENCE = 60
"""Seconds for what the deployment does by itself."""


def call(path: str, body: Any = None, method: str = "POST", kind: str = "application/json") -> bytes:
    url, key = os.environ["CONVEX_SELF_HOSTED_URL"].rstrip("/"), os.environ["CONVEX_SELF_HOSTED_ADMIN_KEY"]
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Convex {key}", "Content-Type": kind}
    with urllib.request.urlopen(urllib.request.Request(url + path, content, headers, method=method), timeout=10) as answer:
        received: bytes = answer.read()
        return received


def query(path: str, args: dict[str, Any]) -> Any:
    return json.loads(call("/api/query", {"path": path, "format": "convex_encoded_json", "args": [args]}))["value"]


def ended(path: str, args: dict[str, Any], states: tuple[str, ...], part: str = "") -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        value = query(path, args)
        state = value[part] if part else value
        if state["state"] in states:
            return state
        time.sleep(0.02)
    raise OSError("it does not end")


def fetch(target: str) -> str:
    call("/api/export/request/zip?includeStorage=false")
    state = ended("_system/cli/exports:getLatest", {}, ("completed", "failed"))
    at = int.from_bytes(base64.b64decode(state["start_ts"]["$integer"]), "little")
    Path(target).write_bytes(call(f"/api/export/zip/{at}", method="GET"))
    return ""


def put(source: str) -> str:
    """Empty when it is imported, else why not."""
    token = json.loads(call("/api/import/start_upload"))["uploadToken"]
    part = json.loads(call(f"/api/import/upload_part?uploadToken={token}&partNumber=1", Path(source).read_bytes(), kind="application/zip"))
    wanted = {"mode": "replaceAll", "format": "zip"}
    id = json.loads(call("/api/import/finish_upload", {"import": wanted, "uploadToken": token, "partTokens": [part]}))["importId"]
    states = ("waiting_for_confirmation", "completed", "failed")
    state = ended("_system/cli/queryImport", {"importId": id}, states, "state")
    if state["state"] == "waiting_for_confirmation":
        call("/api/perform_import", {"importId": id})
        state = ended("_system/cli/queryImport", {"importId": id}, ("completed", "failed"), "state")
    return str(state.get("error_message", ""))


if __name__ == "__main__":
    try:
        problem = fetch(sys.argv[-1]) if "export" in sys.argv else put(sys.argv[-1])
    except urllib.error.HTTPError as error:
        answered = json.loads(error.read() or b"{}")
        problem = f"Error: {error.code} {answered.get('code', '')}: {answered.get('message', '')}"
    except OSError as error:
        problem = f"Error: fetch failed ({error})"
    print(problem or "done", file=sys.stderr)
    sys.exit(1 if problem else 0)
