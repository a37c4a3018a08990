"""Random histories of keys on a real S3 server, and an oracle that remembers what each key showed after every round of them.

A round ends with its second, so that the moment between two rounds is a whole second. The oracle is a list of what was written for each
key, in order; it never asks the server.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

KEYS = ("a", "a/b", "ü ñ+%.txt", "c&d#e=f?", "z z")
BODIES = (b"", b"one", b"two", b"three and more")
TYPES = ("text/plain", "image/png")


@dataclass(frozen=True)
class Shown:
    """What a reader gets."""

    body: bytes
    content_type: str
    cache_control: str
    metadata: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]


@dataclass
class Entry:
    """One version, or with C(shown) None one marker, written in that round."""

    round: int
    version_id: str
    shown: Shown | None


@dataclass
class History:
    """Below one prefix."""

    prefix: str
    seed: int
    keys: dict[str, list[Entry]] = field(default_factory=dict)

    def at(self, number: int) -> dict[str, Shown]:
        """What was visible when that round had ended."""
        found = {}
        for key, entries in self.keys.items():
            past = [entry for entry in entries if entry.round <= number]
            if past and past[-1].shown:
                found[self.prefix + key] = past[-1].shown
        return found

    def restored(self, number: int, rewound: bool) -> None:
        """What a restore to the end of that round does to what is remembered: markers alone above a version are gone, or all is."""
        for entries in self.keys.values():
            past, later = [one for one in entries if one.round <= number], [one for one in entries if one.round > number]
            only_markers = past and past[-1].shown and later and not any(one.shown for one in later)
            if only_markers or rewound:
                entries[:] = past

    def play(self, client: Any, bucket: str, number: int, most: int) -> None:
        """One round."""
        chance = random.Random(f"{self.seed} {number}")
        for _ in range(chance.randint(0, most)):
            key = chance.choice(KEYS)
            entries = self.keys.setdefault(key, [])
            shown = entries[-1].shown if entries else None
            if shown is None:
                doing = chance.choice(["put", "put", "multipart", "delete", "undelete" if entries else "put"])
            else:
                doing = chance.choice(["put", "put", "multipart", "delete", "delete", "metadata", "tags", "same"])
            self._do(client, {"Bucket": bucket, "Key": self.prefix + key}, doing, entries, number, chance)

    def _do(self, client: Any, which: dict[str, str], doing: str, entries: list[Entry], number: int, chance: random.Random) -> None:
        last = entries[-1] if entries else None
        wanted = _random_shown(chance)
        if doing == "delete":
            entries.append(Entry(number, client.delete_object(**which)["VersionId"], None))
        elif doing == "undelete" and last:
            client.delete_object(**which, VersionId=last.version_id)
            entries.pop()
        elif doing == "tags" and last and last.shown:
            client.put_object_tagging(**which, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in wanted.tags]})
            last.shown = replace(last.shown, tags=wanted.tags)
        elif doing == "metadata" and last and last.shown:
            wanted = replace(wanted, body=last.shown.body, tags=last.shown.tags)
            source = {**which, "VersionId": last.version_id}
            made = client.copy_object(**which, CopySource=source, MetadataDirective="REPLACE", **_headers(wanted))
            entries.append(Entry(number, made["VersionId"], wanted))
        elif doing == "multipart":
            begun = client.create_multipart_upload(**which, **_headers(wanted), Tagging=_tagging(wanted))
            upload = {**which, "UploadId": begun["UploadId"]}
            part = client.upload_part(**upload, PartNumber=1, Body=wanted.body or b"-")
            wanted = replace(wanted, body=wanted.body or b"-")
            parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
            entries.append(Entry(number, client.complete_multipart_upload(**upload, MultipartUpload=parts)["VersionId"], wanted))
        else:
            wanted = last.shown if doing == "same" and last and last.shown else wanted
            made = client.put_object(**which, Body=wanted.body, **_headers(wanted), Tagging=_tagging(wanted))
            entries.append(Entry(number, made["VersionId"], wanted))


def played(client: Any, bucket: str, histories: list[History], rounds: int, most: int = 3) -> list[datetime]:
    """The last second of each round."""
    ends = []
    with ThreadPoolExecutor(16) as pool:
        for number in range(rounds):
            list(pool.map(lambda one, number=number: one.play(client, bucket, number, most), histories))
            ends.append(next_second())
    return ends


def next_second() -> datetime:
    """Waits for it; the second before, in which everything so far was written at the latest."""
    now = time.time()
    time.sleep(1 - now % 1 + 0.01)
    return datetime.fromtimestamp(int(now), UTC)


def visible(client: Any, bucket: str, prefix: str) -> dict[str, Shown]:
    """What readers get below a prefix."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [row["Key"] for page in pages for row in page.get("Contents", [])]

    def read(key: str) -> Shown:
        answer = client.get_object(Bucket=bucket, Key=key)
        tags = client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
        return Shown(
            answer["Body"].read(),
            answer["ContentType"],
            answer.get("CacheControl", ""),
            tuple(sorted(answer["Metadata"].items())),
            tuple(sorted((tag["Key"], tag["Value"]) for tag in tags)),
        )

    with ThreadPoolExecutor(16) as pool:
        return dict(zip(keys, pool.map(read, keys), strict=True))


def _random_shown(chance: random.Random) -> Shown:
    metadata = {name: chance.choice("123") for name in chance.sample(["author", "colour"], chance.randint(0, 2))}
    tags = {name: chance.choice("123") for name in chance.sample(["team", "cost"], chance.randint(0, 2))}
    cache = chance.choice(["", "max-age=60"])
    return Shown(chance.choice(BODIES), chance.choice(TYPES), cache, tuple(sorted(metadata.items())), tuple(sorted(tags.items())))


def _headers(shown: Shown) -> dict[str, Any]:
    cache = {"CacheControl": shown.cache_control} if shown.cache_control else {}
    return {"ContentType": shown.content_type, "Metadata": dict(shown.metadata), **cache}


def _tagging(shown: Shown) -> str:
    return "&".join(f"{key}={value}" for key, value in shown.tags)
