"""Requests go where botocore's would go: each bucket's own host at AWS, over TLS that is trusted, through the environment's proxy."""

from __future__ import annotations

import base64
import http.server
import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Copy
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.pace import Limits
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.signing import Place
from botocore.awsrequest import AWSResponse
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.objects.buckets import ours

STATE = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
COPIED = b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>"
LISTED = b"<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"
QUICK = Limits(attempts=2, silence=2)


class Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self, **_more: Any) -> Iterator[bytes]:
        yield self.body


@pytest.mark.parametrize(
    ("bucket", "region", "environment", "host", "path"),
    [
        ("shop", "eu-west-1", {}, "shop.s3.eu-west-1.amazonaws.com", ""),
        ("shop", "us-east-1", {}, "shop.s3.amazonaws.com", ""),
        ("www.shop.com", "eu-west-1", {}, "s3.eu-west-1.amazonaws.com", "/www.shop.com"),
        ("shop", "cn-north-1", {}, "shop.s3.cn-north-1.amazonaws.com.cn", ""),
        ("shop", "us-west-2", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "shop.s3.dualstack.us-west-2.amazonaws.com", ""),
        ("shop", "us-west-2", {"AWS_USE_FIPS_ENDPOINT": "true"}, "shop.s3-fips.us-west-2.amazonaws.com", ""),
    ],
)
def test_at_aws(
    monkeypatch: pytest.MonkeyPatch, bucket: str, region: str, environment: dict[str, str], host: str, path: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    one = ours(bucket, "", endpoint_url=None, region=region)
    one.aws.reading.meta.events.register(
        "before-send.s3", lambda request, **_more: AWSResponse(request.url, 200, {"content-type": "application/xml"}, Raw(STATE))
    )
    assert one.versioning == {"Status": "Enabled", "ResponseMetadata": one.versioning["ResponseMetadata"]}
    assert one._first[1] == Place(True, host, 443, host, path, region)
    assert one.region == region


class Handler(http.server.BaseHTTPRequestHandler):
    """Tells of a bucket that takes everything; what was asked of it is in C(asked)."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.asked.append(f"{self.command} {self.path.partition('?')[0]}")
        body = COPIED if self.command == "PUT" else LISTED if "versions" in self.path else STATE
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_GET

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Told", (Handler,), {"asked": asked}))
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "s3")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = made.sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_over_tls_with_the_certificates_that_are_named(monkeypatch: pytest.MonkeyPatch, certificate: Path, tls: ssl.SSLContext) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with serving(tls) as (port, asked):
        bucket = ours("shop", f"https://127.0.0.1:{port}", QUICK)
        assert list(bucket.versions()) == []
        outcomes = list(bucket.carry_out(Copy(f"{number}", "v") for number in range(40)))
    assert [outcome.failures for outcome in outcomes] == [()] * 40
    assert sorted(asked)[:2] == ["GET /shop", "GET /shop"]
    assert len(asked) == 42


def test_never_over_tls_that_is_not_trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path, tls: ssl.SSLContext) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with serving(tls) as (port, asked):
        bucket = ours("shop", f"https://127.0.0.1:{port}", QUICK)
        bucket.versioning  # noqa: B018
        monkeypatch.delenv("AWS_CA_BUNDLE")
        bucket.aws.__dict__.pop("session")
        with pytest.raises(errors.Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
            list(bucket.carry_out([Copy("key", "v")]))
    assert len(asked) == 1


def test_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as (port, asked):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        bucket = ours("shop", "http://s3.invalid", QUICK)
        assert list(bucket.versions()) == []
        assert [outcome.failures for outcome in bucket.carry_out([Copy("a b", "v")])] == [()]
    assert asked == ["GET http://s3.invalid/shop", "GET http://s3.invalid/shop", "PUT http://s3.invalid/shop/a%20b"]


class Tunnel(http.server.BaseHTTPRequestHandler):
    """A proxy that lets nobody through without a name and a password."""

    protocol_version = "HTTP/1.1"
    through: list[str]

    def do_CONNECT(self) -> None:
        if self.headers.get("Proxy-Authorization") != f"Basic {base64.b64encode(b'me:p@ss').decode()}":
            self.send_error(407)
            return
        self.through.append(self.path)
        host, port = self.path.split(":")
        with socket.create_connection((host, int(port))) as vendor:
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            while ready := select.select([vendor, self.connection], [], [], 20)[0]:
                for source, target in ((vendor, self.connection), (self.connection, vendor)):
                    if source in ready:
                        if not (block := source.recv(65536)):
                            self.close_connection = True
                            return
                        target.sendall(block)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.mark.parametrize(("who", "lets"), [("me:p%40ss@", True), ("", False)])
def test_through_a_tunnel(monkeypatch: pytest.MonkeyPatch, certificate: Path, tls: ssl.SSLContext, who: str, lets: bool) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    through: list[str] = []
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Through", (Tunnel,), {"through": through}))
    proxy.daemon_threads = True
    threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
    with proxy, serving(tls) as (port, _asked):
        bucket = ours("shop", f"https://127.0.0.1:{port}", QUICK)
        bucket.versioning  # noqa: B018
        monkeypatch.setenv("HTTPS_PROXY", f"http://{who}127.0.0.1:{proxy.server_address[1]}")
        if lets:
            assert [outcome.failures for outcome in bucket.carry_out([Copy("a", "v")])] == [()]
            assert through == [f"127.0.0.1:{port}"]
        else:
            with pytest.raises(errors.Unavailable, match="the proxy refused"):
                list(bucket.carry_out([Copy("a", "v")]))
        proxy.shutdown()
