"""An S3 that does nothing, as fast as nginx can: it shows what the client costs. Every call is answered, nothing ever changes."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.testing import free_ports
from tests.vendor_clients import Unavailable

GOOD_AT = "2026-06-01T00:00:00Z"
_BEFORE, _AFTER = "2026-01-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z"
_OLD, _NEW = "0" * 32, "f" * 32
PAGE = 1_000
_TOP = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

CONFIGURATION = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/errors; user root;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; tcp_nodelay on; client_body_buffer_size 1m; client_max_body_size 8m;
  client_body_temp_path {folder}/bodies; default_type application/xml; open_file_cache max=2000;
  map $args $page {{ default first; "~key-marker=(?<last>k[0-9a-z]+)" $last; }}
  map $args $what {{
    default none; "" head; "~^versionId" head; "~(^|&)versions" page; "~^versioning" versioning; "~^ownershipControls" owner;
  }}
  server {{
    listen 127.0.0.1:{port}; root {folder};
    location / {{
      if ($request_method = PUT) {{ return 200 '{copied}'; }}
      if ($request_method = POST) {{ return 200 '{deleted}'; }}
      if ($request_method = DELETE) {{ return 204; }}
      if ($what = page) {{ rewrite ^ /$page.xml break; }}
      if ($what = versioning) {{ return 200 '{versioning}'; }}
      if ($what = owner) {{ return 200 '{owner}'; }}
      if ($what = none) {{ return 404 '{none}'; }}
      add_header ETag '"{old}"';
      if ($what = head) {{ return 200 ' '; }}
    }}
  }}
}}
"""


@contextmanager
def null_s3(folder: Path, keys: int) -> Iterator[str]:
    """A bucket of so many keys, 20 % overwritten, 10 % deleted and 5 % created after GOOD_AT."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin")
    if nginx is None:
        raise Unavailable("nginx is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    _pages(folder, keys)
    port = free_ports()
    answers = {
        "copied": f"<CopyObjectResult><LastModified>{_AFTER}</LastModified><ETag>&quot;{_OLD}&quot;</ETag></CopyObjectResult>",
        "deleted": f"<DeleteResult {_XMLNS}></DeleteResult>",
        "versioning": f"<VersioningConfiguration {_XMLNS}><Status>Enabled</Status></VersioningConfiguration>",
        "owner": f"<OwnershipControls {_XMLNS}><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>",
        "none": "<Error><Code>NoSuchConfiguration</Code><Message>none</Message></Error>",
    }
    configuration = folder / "nginx.conf"
    told = {name: _TOP.strip() + answer for name, answer in answers.items()}
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, old=_OLD, **told))
    process = subprocess.Popen([nginx, "-c", configuration, "-e", folder / "errors"], stderr=subprocess.DEVNULL)
    try:
        while not (folder / "pid").exists():
            if process.poll() is not None:
                raise Unavailable(f"nginx does not start: {(folder / 'errors').read_text()}")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def changed(keys: int) -> tuple[int, int, int]:
    """How many of them were overwritten, deleted and created afterwards."""
    return len(range(0, keys, 10)) + len(range(1, keys, 10)), len(range(2, keys, 10)), len(range(3, keys, 20))


def _pages(folder: Path, keys: int) -> None:
    entries = _entries(keys)
    rows: list[tuple[str, str, str]] = []
    name = "first"
    for entry in entries:
        if len(rows) == PAGE:
            key, version = rows[-1][:2]
            more = f"<NextKeyMarker>{key}</NextKeyMarker><NextVersionIdMarker>{version}</NextVersionIdMarker>"
            _write(folder / f"{name}.xml", f"<IsTruncated>true</IsTruncated>{more}", rows)
            rows, name = [], key
        rows.append(entry)
    _write(folder / f"{name}.xml", "<IsTruncated>false</IsTruncated>", rows)


def _write(path: Path, more: str, rows: list[tuple[str, str, str]]) -> None:
    body = "".join(row[2] for row in rows)
    top = f"{_TOP}<ListVersionsResult {_XMLNS}><Name>bucket</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>"
    path.write_text(f"{top}{more}{body}</ListVersionsResult>")


def _entries(keys: int) -> Iterator[tuple[str, str, str]]:
    """Keys, version ids and their XML, in S3's order."""
    for number in range(keys):
        key = f"k{number:08}"
        overwritten, deleted = number % 10 < 2, number % 10 == 2
        if overwritten:
            yield _version(key, "2", True, _AFTER, _NEW)
        elif deleted:
            told = f"<Key>{key}</Key><VersionId>{key}.2</VersionId><IsLatest>true</IsLatest><LastModified>{_AFTER}</LastModified>"
            yield key, f"{key}.2", f"<DeleteMarker>{told}<Owner><ID>1</ID></Owner></DeleteMarker>"
        yield _version(key, "1", not overwritten and not deleted, _BEFORE, _OLD)
        if number % 20 == 3:
            yield _version(f"{key}n", "1", True, _AFTER, _NEW)


def _version(key: str, number: str, latest: bool, when: str, etag: str) -> tuple[str, str, str]:
    told = f"<Key>{key}</Key><VersionId>{key}.{number}</VersionId><IsLatest>{str(latest).lower()}</IsLatest>"
    told += f"<LastModified>{when}</LastModified>"
    told += f"<ETag>&quot;{etag}&quot;</ETag><Size>1024</Size><StorageClass>STANDARD</StorageClass><Owner><ID>1</ID></Owner>"
    return key, f"{key}.{number}", f"<Version>{told}</Version>"
