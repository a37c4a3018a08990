"""The repository that the deployment is deployed from: a bare one on disk, written as Git writes its own, without Git."""

from __future__ import annotations

import hashlib
import shutil
import zlib
from pathlib import Path

from sandbox.state import Row

_WHO = "Rachel <rachel@rachelfoods.test>"
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[uploadpack]\n\tallowFilter = true\n"
Object = tuple[str, bytes]
"""The kind of an object of Git's, and its content."""


def files(number: int, kind: str) -> dict[str, str]:
    """The project as it is in one commit; what it does, and its number, are in its code."""
    return {
        "package.json": '{"name": "bookings", "private": true, "dependencies": {"convex": "*"}}\n',
        "convex/schema.ts": (
            'import { defineSchema, defineTable } from "convex/server";\n'
            'import { v } from "convex/values";\n\n'
            "export default defineSchema({ bookings: defineTable({ table: v.number(), guest: v.string() }) });\n"
        ),
        "convex/bookings.ts": (
            'import { query } from "./_generated/server";\n\n'
            f'export const list = query({{ handler: async () => "release={number} kind={kind}" }});\n'
        ),
    }


def name(thing: Object) -> str:
    """The hash that Git calls it by."""
    kind, content = thing
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()


def _tree(entries: dict[str, tuple[str, str]]) -> Object:
    """A tree of `name: (mode, hash)`."""
    rows = (f"{mode} {entry}\0".encode() + bytes.fromhex(hash_) for entry, (mode, hash_) in sorted(entries.items()))
    return "tree", b"".join(rows)


def objects(commit: Row, parent: str | None) -> tuple[str, list[Object]]:
    """The commit's hash, and all that it is made of."""
    made: list[Object] = []
    folders: dict[str, dict[str, tuple[str, str]]] = {"": {}, "convex": {}}
    for path, content in files(commit["number"], commit["kind"]).items():
        blob: Object = ("blob", content.encode())
        made.append(blob)
        folder, _, file = path.rpartition("/")
        folders[folder][file] = ("100644", name(blob))
    below = _tree(folders["convex"])
    folders[""]["convex"] = ("40000", name(below))
    root = _tree(folders[""])
    at = f"{commit['at'] // 1000} +0000"
    lines = [f"tree {name(root)}", *([f"parent {parent}"] if parent else []), f"author {_WHO} {at}", f"committer {_WHO} {at}"]
    head: Object = ("commit", "\n".join([*lines, "", commit["message"], ""]).encode())
    return name(head), [*made, below, root, head]


def named(commits: list[Row]) -> list[Row]:
    """The commits, oldest first, each with the hash that it has in the repository."""
    parent: str | None = None
    for commit in commits:
        parent = commit["id"] = objects(commit, parent)[0]
    return commits


def write(folder: Path, commits: list[Row], *, afresh: bool = False) -> None:
    """Make the repository have these commits, oldest first, on `main`; `afresh` forgets whatever else was pushed to it."""
    if afresh:
        shutil.rmtree(folder, ignore_errors=True)
    for part in ("objects", "refs/heads", "refs/tags"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "config").write_text(_CONFIG)
    parent: str | None = None
    for commit in commits:
        parent, made = objects(commit, parent)
        for thing in made:
            _store(folder, thing)
    (folder / "refs" / "heads" / "main").write_text(f"{parent}\n")


def _store(folder: Path, thing: Object) -> None:
    hash_, (kind, content) = name(thing), thing
    path = folder / "objects" / hash_[:2] / hash_[2:]
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(f"{kind} {len(content)}\0".encode() + content))
