"""Thousands of calls at the same time, on a real S3 server: each is made once, and what fails is told or repeated."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.calls import Call, Copy, Delete, Named, Outcome, Read, deletions
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.pace import Limits

from tests.objects.buckets import new_bucket, ours, plain, server
from tests.vendor_proxy import LOST, Answer, Exchange, Proxy, answering

KEYS = ["plain", "sp ace", "plus+", "p%ct%41", "a&b", "h#sh", "ünï/日本", "double//slash", "tab\tx", "new\nline", "cr\rx", "q\"'"]
KEYS += ["a<b>", "q?x=1", "~!", "dir/", "./.."]
QUICK = Limits(attempts=3, patience=10, silence=0.5)
XML = b'<?xml version="1.0"?>\n<Error><Code>%b</Code><Message>words</Message></Error>'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def client(url: str) -> Any:
    return plain(url)


@pytest.fixture
def name(client: Any) -> str:
    return new_bucket(client)


@pytest.fixture
def proxy(url: str) -> Iterator[Proxy]:
    with Proxy(url) as passing:
        yield passing


def filled(client: Any, name: str, keys: list[str]) -> dict[str, str]:
    """Two versions of each; the ids of the older ones."""
    older = {}
    for key in keys:
        older[key] = client.put_object(Bucket=name, Key=key, Body=b"one", Metadata={"a": "b"})["VersionId"]
        client.put_object(Bucket=name, Key=key, Body=b"two")
    return older


def visible(client: Any, name: str) -> dict[str, bytes]:
    rows = client.list_objects_v2(Bucket=name).get("Contents", [])
    return {row["Key"]: client.get_object(Bucket=name, Key=row["Key"])["Body"].read() for row in rows}


def is_copy(call: Exchange) -> bool:
    return call.method == "PUT"


def error(code: str, status: int = 503) -> Answer:
    return Answer(status, XML % code.encode(), {"Content-Type": "application/xml"})


def failed(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return sorted((failure.key, failure.code) for outcome in outcomes for failure in outcome.failures)


def test_any_key_is_listed_copied_hidden_and_shown_again(client: Any, name: str, url: str) -> None:
    older, bucket = filled(client, name, KEYS), ours(name, url)
    assert bucket.versioning["Status"] == "Enabled"
    assert {version.key: version.version_id for version in bucket.versions() if not version.is_latest} == older
    assert not failed(list(bucket.carry_out(Copy(key, version) for key, version in older.items())))
    assert visible(client, name) == dict.fromkeys(KEYS, b"one")
    assert client.head_object(Bucket=name, Key="ünï/日本")["Metadata"] == {"a": "b"}
    assert not failed(list(bucket.carry_out(deletions(Named(key) for key in KEYS))))
    assert not visible(client, name)
    markers = [Named(version.key, version.version_id) for version in bucket.versions() if version.is_marker]
    assert not failed(list(bucket.carry_out(deletions(markers))))
    assert visible(client, name) == dict.fromkeys(KEYS, b"one")
    assert bucket.calls == {"ListObjectVersions": 2, "CopyObject": len(KEYS), "DeleteObjects": 2}


def test_a_key_that_xml_cannot_name_has_a_call_of_its_own(client: Any, name: str, url: str) -> None:
    client.put_object(Bucket=name, Key="bell\x07", Body=b"")
    bucket = ours(name, url)
    assert not failed(list(bucket.carry_out(deletions([Named("bell\x07"), Named("other")]))))
    assert not visible(client, name)
    assert bucket.calls == {"DeleteObject": 1, "DeleteObjects": 1}


def test_pages_follow_each_other_and_a_list_goes_on_where_it_was_left(client: Any, name: str, url: str) -> None:
    filled(client, name, [f"{number:02}" for number in range(50)])
    bucket = ours(name, url, page=7)
    everything = list(bucket.versions())
    assert len(everything) == 100
    assert bucket.calls == {"ListObjectVersions": 15}
    assert [version.key for version in everything] == sorted(version.key for version in everything)
    assert [version.is_latest for version in everything] == [True, False] * 50
    assert list(bucket.versions(after=("39", None))) == everything[80:]
    assert list(bucket.versions(after=("39", everything[78].version_id))) == everything[79:]
    assert list(bucket.versions("4")) == everything[80:]


def test_properties_are_read(client: Any, name: str, url: str) -> None:
    client.put_object(Bucket=name, Key="key", Body=b"body", Tagging="team=shop", ContentType="text/x")
    head, tags = sorted(ours(name, url).carry_out([Read("key"), Read("key", part="tagging")]), key=lambda outcome: outcome.body)
    assert (head.headers["content-type"], head.headers["content-length"]) == ("text/x", "4")
    assert b"<Value>shop</Value>" in tags.body


def test_calls_wait_for_the_outcome_of_others(client: Any, name: str, url: str) -> None:
    older = filled(client, name, ["a", "b"])
    seen: list[str] = []

    def calls() -> Iterator[Call | None]:
        yield from (Read(key, version) for key, version in older.items())
        while len(seen) < 2:
            yield None
        yield from (Copy(key, older[key]) for key in seen)

    outcomes = ours(name, url).carry_out(calls())
    seen += [next(outcomes).call.key, next(outcomes).call.key]  # type: ignore[union-attr]
    assert [type(outcome.call) for outcome in outcomes] == [Copy, Copy]


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (error("SlowDown"), False),
        (error("InternalError", 500), False),
        (error("InternalError", 200), False),
        (Answer(200, b"<CopyObjectResult><ETag>"), True),
        (Answer(200, b""), True),
        (LOST, False),
        (LOST, True),
        (Answer(200, b"<Copy", delivery="cut off"), True),
        (Answer(delivery="reset"), False),
        (Answer(200, delivery="never"), True),
        (error("ExpiredToken", 400), False),
    ],
)
def test_what_may_pass_is_repeated(client: Any, name: str, proxy: Proxy, answer: Answer, heard: bool) -> None:
    older, bucket = filled(client, name, ["a", "b", "c", "d"]), ours(name, proxy.url, QUICK)
    proxy.begin(answering(answer, is_copy, times=2, heard=heard))
    assert not failed(list(bucket.carry_out(Copy(key, version) for key, version in older.items())))
    assert set(visible(client, name).values()) == {b"one"}
    assert bucket.calls == {"CopyObject": 6, "repeated": 2}


def test_some_denied_and_some_archived_are_told_and_the_rest_is_done(client: Any, name: str, proxy: Proxy) -> None:
    keys = [f"{number:02}" for number in range(40)]
    older, bucket = filled(client, name, keys), ours(name, proxy.url, QUICK)
    proxy.begin(answering(error("AccessDenied", 403), lambda call: is_copy(call) and bool(re.search("/.[37]$", call.path))))
    outcomes = list(bucket.carry_out(Copy(key, version) for key, version in older.items()))
    denied = [key for key in keys if key[1] in "37"]
    assert failed(outcomes) == [(key, "AccessDenied") for key in denied]
    assert {key for key, body in visible(client, name).items() if body == b"two"} == set(denied)
    assert bucket.calls == {"CopyObject": 40}


def test_a_storm_of_slow_down_is_sat_out_with_fewer_calls_at_a_time(client: Any, name: str, proxy: Proxy) -> None:
    older, bucket, numbers = filled(client, name, [f"{number:02}" for number in range(40)]), ours(name, proxy.url, QUICK), itertools.count()

    def storm(call: Exchange, forward: Any) -> Answer:
        if is_copy(call) and next(numbers) % 2:
            return error("SlowDown")
        return forward()

    proxy.begin(storm)
    assert not failed(list(bucket.carry_out(Copy(key, version) for key, version in older.items())))
    assert set(visible(client, name).values()) == {b"one"}
    assert bucket.calls["CopyObject"] == 40 + bucket.calls["repeated"]
    assert bucket.calls["repeated"] >= 39
    assert bucket.pace.limit < 16


def test_keys_that_fail_inside_a_200_are_repeated_alone_or_told(client: Any, name: str, proxy: Proxy) -> None:
    filled(client, name, ["a", "b", "c"])
    inside = b"".join(
        b"<Error><Key>%b</Key><Code>%b</Code><Message>m</Message></Error>" % pair for pair in [(b"a", b"SlowDown"), (b"b", b"AccessDenied")]
    )
    partly = Answer(200, b'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' + inside + b"</DeleteResult>")
    bucket = ours(name, proxy.url, QUICK)
    proxy.begin(answering(partly, lambda call: call.method == "POST", times=1))
    (outcome,) = bucket.carry_out([Delete((Named("a"), Named("b"), Named("c")))])
    assert failed([outcome]) == [("b", "AccessDenied")]
    first, second = (call.body.decode() for call in proxy.changes)
    assert re.findall("<Key>(.)</Key>", first) == ["a", "b", "c"]
    assert re.findall("<Key>(.)</Key>", second) == ["a"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ExpiredToken", errors.NotAuthorised),
        ("InvalidAccessKeyId", errors.NotAuthorised),
        ("SignatureDoesNotMatch", errors.NotAuthorised),
        ("NoSuchBucket", errors.NotFound),
    ],
)
def test_what_no_call_can_get_past_ends_them_all(name: str, proxy: Proxy, code: str, kind: type[Exception]) -> None:
    bucket = ours(name, proxy.url, QUICK)
    bucket.versioning  # noqa: B018
    proxy.begin(answering(error(code, 403)))
    with pytest.raises(kind, match=code):
        list(bucket.carry_out(Copy(f"{number}", "v") for number in range(500)))
    assert len(proxy.log) < 250, "most calls are not made any more"
    with pytest.raises(kind, match=code):
        list(bucket.versions())


def test_where_nothing_answers_any_more(name: str, url: str) -> None:
    with Proxy(url) as passing:
        bucket = ours(name, passing.url, QUICK)
        bucket.versioning  # noqa: B018
    with pytest.raises(errors.Unavailable, match="does not answer"):
        list(bucket.carry_out(Copy(f"{number}", "v") for number in range(500)))
    with pytest.raises(errors.Unavailable, match="does not answer"):
        list(bucket.versions())


@pytest.mark.parametrize("answer", [LOST, error("SlowDown"), error("InternalError", 500), Answer(200, b"<List", delivery="cut off")])
def test_a_page_is_asked_for_again(client: Any, name: str, proxy: Proxy, answer: Answer) -> None:
    filled(client, name, ["a", "b"])
    bucket = ours(name, proxy.url, QUICK)
    bucket.versioning  # noqa: B018
    proxy.begin(answering(answer, times=2))
    assert len(list(bucket.versions())) == 4
    assert bucket.calls == {"ListObjectVersions": 3, "repeated": 2}


def test_a_list_that_turns_in_a_circle_is_an_error(name: str, proxy: Proxy) -> None:
    bucket = ours(name, proxy.url, QUICK)
    bucket.versioning  # noqa: B018
    more = b"<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>v</NextVersionIdMarker>"
    proxy.begin(answering(Answer(200, b"<ListVersionsResult>" + more + b"</ListVersionsResult>")))
    with pytest.raises(errors.Unreadable, match="followed by itself"):
        list(bucket.versions())
