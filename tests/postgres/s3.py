"""S3 as moto has it, on the loopback; calls can be made to fail, and its objects looked at and harmed from outside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from sandbox.addresses import HOST

KEYS: dict[str, Any] = {"access_key": "AKIAEXAMPLE", "secret_key": "a-secret-key-of-the-test", "region": "eu-west-1"}
BUCKET = "example-backups"


class S3:
    """The server. C(denied) is asked for each call (its method and path) whether it is answered with 403."""

    def __init__(self) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)
        self.denied: Callable[[str, str], bool] = lambda method, path: False
        self.without_checksums = False
        self.calls: list[str] = []
        self._server = make_server(HOST, 0, self._answer, threaded=True)
        self.url = f"http://{HOST}:{self._server.server_port}"
        keys = {"aws_access_key_id": KEYS["access_key"], "aws_secret_access_key": KEYS["secret_key"], "region_name": KEYS["region"]}
        self.client: Any = boto3.client("s3", endpoint_url=self.url, **keys)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def options(self) -> dict[str, Any]:
        """For a module."""
        return {**KEYS, "endpoint_url": self.url}

    @property
    def keys(self) -> list[str]:
        return [row["Key"] for row in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    @property
    def open_uploads(self) -> int:
        return len(self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))

    def empty(self) -> None:
        """As at first: one bucket, with nothing in it."""
        self.denied, self.without_checksums = (lambda method, path: False), False
        if BUCKET in [row["Name"] for row in self.client.list_buckets()["Buckets"]]:
            for key in self.keys:
                self.client.delete_object(Bucket=BUCKET, Key=key)
            for row in self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
                self.client.abort_multipart_upload(Bucket=BUCKET, Key=row["Key"], UploadId=row["UploadId"])
        else:
            self.client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": KEYS["region"]})
        self.calls.clear()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
        self.calls.append(f"{method} {path}")
        if self.denied(method, path):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("403 Forbidden", [("Content-Type", "application/xml")])
            return [b"<Error><Code>AccessDenied</Code><Message>not allowed here</Message></Error>"]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            kept = [pair for pair in headers if not (self.without_checksums and "checksum" in pair[0].lower())]
            return start_response(status, kept, *more)

        found: Iterable[bytes] = self._application(environ, start)
        return found


@contextmanager
def serving() -> Iterator[S3]:
    s3 = S3()
    try:
        yield s3
    finally:
        s3.stop()
