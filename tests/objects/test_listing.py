"""A page of versions is read as botocore reads it, and one that is not whole is an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import botocore.session
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.listing import read_page
from ansible_collections.lastgood.recovery.plugins.module_utils.objects.version import Version
from botocore.handlers import decode_list_object_versions
from botocore.parsers import RestXMLParser
from hypothesis import given
from hypothesis import strategies as st

SHAPE = botocore.session.Session().get_service_model("s3").operation_model("ListObjectVersions").output_shape
START = datetime(2026, 11, 22, tzinfo=UTC)
XML_KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
ANY_KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def xml(versions: list[Version], encoded: bool, marker: tuple[str, str] | None = None) -> bytes:
    """As AWS writes it, checksums and owners included."""

    def name(key: str) -> str:
        return quote_plus(key, safe="/") if encoded else escape(key)

    def entry(one: Version) -> str:
        told = f"<Key>{name(one.key)}</Key><VersionId>{one.version_id}</VersionId><IsLatest>{str(one.is_latest).lower()}</IsLatest>"
        told += f"<LastModified>{one.last_modified:%Y-%m-%dT%H:%M:%S}.000Z</LastModified>"
        owner = "<Owner><ID>75aa</ID><DisplayName>A &amp; B</DisplayName></Owner>"
        if one.is_marker:
            return f"<DeleteMarker>{told}{owner}</DeleteMarker>"
        told += f"<ETag>&quot;{one.etag}&quot;</ETag><ChecksumType>FULL_OBJECT</ChecksumType><Size>{one.size}</Size>"
        restored = "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2026-12-01T00:00:00.000Z"
        restored += "</RestoreExpiryDate></RestoreStatus>"
        return f"<Version>{told}<StorageClass>{one.storage_class}</StorageClass>{owner}{restored if one.restored else ''}</Version>"

    more = "<IsTruncated>false</IsTruncated>"
    if marker:
        more = f"<IsTruncated>true</IsTruncated><NextKeyMarker>{name(marker[0])}</NextKeyMarker>"
        more += f"<NextVersionIdMarker>{marker[1]}</NextVersionIdMarker>"
    kind = "<EncodingType>url</EncodingType>" if encoded else ""
    top = '<?xml version="1.0" encoding="UTF-8"?>\n<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
    return f"{top}<Prefix></Prefix>{kind}{more}{''.join(map(entry, versions))}</ListVersionsResult>".encode()


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[Version], bool, tuple[str, str] | None]:
    encoded: bool = draw(st.booleans())
    keys: list[str] = draw(st.lists(ANY_KEYS if encoded else XML_KEYS, unique=True, max_size=6))
    versions = []
    for key in sorted(keys):
        for number in range(draw(st.integers(1, 3))):
            when = START - timedelta(seconds=number)
            if draw(st.booleans()):
                versions.append(Version(key, f"v.{number}", when, not number, True, storage_class=""))
            else:
                size, restored = draw(st.integers(0, 1 << 50)), draw(st.booleans())
                versions.append(Version(key, f"v_{number}", when, not number, False, "9b-2", size, "GLACIER", restored))
    more: bool = draw(st.booleans())
    return versions, encoded, (keys[0], "v_1") if keys and more else None


@given(pages())
def test_what_was_written_is_read(page: tuple[list[Version], bool, tuple[str, str] | None]) -> None:
    versions, encoded, marker = page
    assert read_page(xml(versions, encoded, marker)) == (versions, marker)


@given(pages())
def test_as_botocore_reads_it(page: tuple[list[Version], bool, tuple[str, str] | None]) -> None:
    body = xml(*page)
    told: dict[str, Any] = RestXMLParser().parse({"status_code": 200, "headers": {}, "body": body}, SHAPE)
    decode_list_object_versions(told, {"encoding_type_auto_set": True})
    theirs = {(row["Key"], row["VersionId"], row["LastModified"], row["IsLatest"], row["Size"]) for row in told.get("Versions", [])}
    markers = {(row["Key"], row["VersionId"]) for row in told.get("DeleteMarkers", [])}
    read = read_page(body)
    assert {(v.key, v.version_id, v.last_modified, v.is_latest, v.size) for v in read.versions if not v.is_marker} == theirs
    assert {(v.key, v.version_id) for v in read.versions if v.is_marker} == markers
    assert read.marker == ((told["NextKeyMarker"], told["NextVersionIdMarker"]) if told["IsTruncated"] else None)


def test_markers_behind_the_versions_of_a_page_are_put_in_order() -> None:
    def one(key: str, second: int, latest: bool, marker: bool) -> Version:
        storage = "" if marker else "STANDARD"
        return Version(key, f"{second}", START + timedelta(seconds=second), latest, marker, "" if marker else "e", 0, storage)

    a2, a1, b2, b1 = one("a", 2, True, True), one("a", 1, False, False), one("b", 2, True, False), one("b", 1, False, True)
    assert read_page(xml([a1, b2, a2, b1], encoded=True)).versions == [a2, a1, b2, b1]


def test_a_page_that_is_cut_off_anywhere_is_an_error() -> None:
    whole = xml([Version("key", "v", START, True), Version("key", "u", START, False, True, storage_class="")], True, ("key", "u"))
    for length in range(len(whole)):
        with pytest.raises(errors.Unreadable):
            read_page(whole[:length])


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"<IsTruncated>true</IsTruncated>", b""),
        (b"<NextKeyMarker>key</NextKeyMarker>", b""),
        (b"<IsLatest>true</IsLatest>", b"<IsLatest>perhaps</IsLatest>"),
        (b"<VersionId>v</VersionId>", b""),
        (b"</Version>", b""),
        (b"<Size>0</Size>", b"<Size>many</Size>"),
        (b".000Z</LastModified>", b" o'clock</LastModified>"),
        (b"ListVersionsResult", b"html"),
    ],
)
def test_a_page_that_lacks_something_is_an_error(was: bytes, becomes: bytes) -> None:
    whole = xml([Version("key", "v", START, True)], True, ("key", "v"))
    assert was in whole
    with pytest.raises(errors.Unreadable):
        read_page(whole.replace(was, becomes))
