"""Our signatures are those of botocore, for any request."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import quote

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.signing import Place, Signer
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import example, given
from hypothesis import strategies as st

PLACE = Place(True, "shop.s3.eu-west-1.amazonaws.com", 443, "shop.s3.eu-west-1.amazonaws.com", "", "eu-west-1")
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=30).map(str.strip)
QUERY = st.dictionaries(st.sampled_from(["delete", "versionId", "key-marker", "version-id-marker", "versions", "prefix", "key"]), KEYS)


@given(
    method=st.sampled_from(["PUT", "GET", "POST", "DELETE", "HEAD"]),
    key=KEYS,
    query=QUERY,
    headers=st.dictionaries(st.sampled_from(["x-amz-copy-source", "x-amz-acl", "if-match", "content-md5", "x-amz-meta-a"]), VALUES),
    body=st.binary(max_size=50),
    token=st.sampled_from([None, "session/token+="]),
)
@example("GET", "./..", {"key": "a", "key-marker": "b"}, {}, b"", None)
@example("PUT", "a//b/", {}, {"x-amz-meta-a": "a  b   c"}, b"", None)
def test_as_botocore_signs(
    method: str, key: str, query: dict[str, str], headers: dict[str, str], body: bytes, token: str | None
) -> None:
    who = Credentials("AKIDEXAMPLE", "secret/with+signs", token)
    path = f"/{quote(key, safe='/~')}"
    head = Signer(PLACE, who.get_frozen_credentials).head(method, path, tuple(query.items()), headers, body)

    first, *lines = head.decode().removesuffix("\r\n\r\n").split("\r\n")
    sent = dict(line.split(": ", 1) for line in lines)
    assert first.startswith(f"{method} {path}")
    assert sent["host"] == PLACE.authority
    authorization = sent.pop("authorization")
    asked = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in query.items())
    request = AWSRequest(method, f"https://{PLACE.host}{path}?{asked}", {k: v for k, v in sent.items() if k != "content-length"}, body)
    request.context["timestamp"] = sent["x-amz-date"]
    botocore = S3SigV4Auth(who, "s3", "eu-west-1")
    expected = botocore.signature(botocore.string_to_sign(request, botocore.canonical_request(request)), request)
    assert authorization.endswith(f"Signature={expected}")
    assert sent.get("x-amz-security-token") == token


def test_fresh_credentials_are_asked_for_when_the_old_ones_have_ended() -> None:
    who = SimpleNamespace(access_key="old", secret_key="1", token=None)
    signer = Signer(PLACE, lambda: who)
    assert b"Credential=old/" in signer.head("GET", "/", (), {})
    who.access_key = "new"
    assert b"Credential=old/" in signer.head("GET", "/", (), {})
    signer.forget()
    assert b"Credential=new/" in signer.head("GET", "/", (), {})


def test_nothing_can_be_smuggled_into_a_header() -> None:
    signer = Signer(PLACE, Credentials("a", "b").get_frozen_credentials)
    with pytest.raises(errors.BadRequest):
        signer.head("PUT", "/key", (), {"x-amz-meta-a": "1\r\nx-amz-acl: public-read"})
