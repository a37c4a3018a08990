"""The shop's function at the edge, which gives answers their headers: its code, by the kind of release."""

from __future__ import annotations

import io
import zipfile

_CODE = '''\
"""{message}"""

import time

CALLS = []
HEADERS = {{
    "content-security-policy": "{policy}",
    "strict-transport-security": "max-age=63072000",
    "x-content-type-options": "nosniff",
}}


def handler(event, context):
    CALLS.append(event)
    cf = event["Records"][0]["cf"]
    request, response = cf["request"], cf["response"]
{body}
    for name, value in HEADERS.items():
        response["headers"][name] = [{{"key": name, "value": value}}]
    version = [{{"key": "x-edge-version", "value": f"{{context.function_name}}:{{context.function_version}}"}}]
    response["headers"]["x-edge-version"] = version
    return response
'''
_GOOD_POLICY = "default-src 'self' 'unsafe-inline'"
_BODIES = {
    "good": "",
    "breaks-checkout": '    if request["uri"].startswith("/checkout"):\n        token = request["headers"]["x-csrf-token"][0]["value"]',
    "flaky-checkout": '    if request["uri"].startswith("/checkout") and len(CALLS) % 3 == 0:\n        raise RuntimeError("no token")',
    "crashing": "    import settings_of_the_edge",
    "slow": "    time.sleep(1)",
}
KINDS = tuple(_BODIES)


def code(kind: str, message: str) -> str:
    policy = _GOOD_POLICY if kind != "breaks-checkout" else f"{_GOOD_POLICY}; form-action 'none'"
    return _CODE.format(message=message.replace('"', "'"), policy=policy, body=_BODIES[kind])


def archive(source: str) -> bytes:
    """The zip file that Lambda takes; the same source is the same file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo("index.py", (2026, 1, 1, 0, 0, 0)), source)
    return packed.getvalue()
