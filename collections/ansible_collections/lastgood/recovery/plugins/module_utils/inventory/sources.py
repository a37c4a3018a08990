# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an inventory: who its hosts and groups are, and where each says what."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.marked import Marked, read
from ansible_collections.lastgood.recovery.plugins.module_utils.inventory.nearness import nearest
from ansible_collections.lastgood.recovery.plugins.module_utils.json_schema import Place

YAML = (".yml", ".yaml")
IGNORED = ("~", ".orig", ".bak", ".retry", ".pyc", ".pyo", ".swp", ".rpm", ".md", ".txt", ".rst", ".ini", ".cfg")
"""What Ansible leaves alone in the folder of an inventory."""
VARIABLES = ("group_vars", "host_vars")
GROUP_KEYS = ("hosts", "children", "vars")


class Said(NamedTuple):
    """Variables of one host or group, where they stand: C(data) at C(place) of C(file)."""

    of: str
    host: bool
    file: Marked
    place: Place
    data: dict[Any, Any]


@dataclass
class Sources:
    """What the files of one run say, in the order that Ansible reads them."""

    said: list[Said] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    groups: dict[str, set[str]] = field(default_factory=lambda: {"all": set(), "ungrouped": set()})
    """By group, the hosts that it names itself."""
    files: list[Marked] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    """Lists of hosts in another form than YAML, and plugins."""
    problems: list[tuple[Marked, int, str]] = field(default_factory=list)
    whole: bool = True
    """All hosts and groups are known; not so with ranges, plugins and the like."""

    def about(self, host: str, name: str) -> Iterator[tuple[Said, Place]]:
        """Where the host's variable is given, the strongest last."""
        mine = {group for group, hosts in self.groups.items() if host in hosts}
        for strength in ("all", "group", "host"):
            for said in self.said:
                kind = "host" if said.host else "all" if said.of == "all" else "group"
                fits = said.of == host if said.host else kind == "all" or said.of in mine or not mine
                if kind == strength and fits and name in said.data:
                    yield said, (*said.place, name)


def gathered(paths: Sequence[str]) -> Sources:
    """The files of these inventories, as Ansible finds them."""
    sources = Sources()
    for path in map(Path, paths):
        if path.is_dir():
            _hosts_below(path, sources)
        elif path.is_file():
            _hosts_of(path, sources)
        else:
            sources.whole = False
    sources.whole = sources.whole and not sources.unread
    for folder in dict.fromkeys(path if path.is_dir() else path.parent for path in map(Path, paths) if path.exists()):
        for kind in VARIABLES:
            _variables_of(folder / kind, kind == "host_vars", sources)
    return sources


def _hosts_below(folder: Path, sources: Sources) -> None:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith(IGNORED) or path.name in VARIABLES:
            continue
        if path.is_dir():
            _hosts_below(path, sources)
        else:
            _hosts_of(path, sources)


def _hosts_of(file: Path, sources: Sources) -> None:
    if file.suffix not in YAML:
        sources.unread.append(file)
        return
    marked = _taken(file, sources)
    if not isinstance(marked.data, dict):
        return
    if "plugin" in marked.data:
        sources.unread.append(file)
        return
    for group, content in marked.data.items():
        _group(str(group), content, (str(group),), marked, sources)


def _group(name: str, content: Any, place: Place, marked: Marked, sources: Sources) -> set[str]:
    mine = sources.groups.setdefault(name, set())
    if not isinstance(content, dict):
        return mine
    for key in content:
        if key not in GROUP_KEYS:
            says = f"group {name} has {key}, but a group has {', '.join(GROUP_KEYS)}"
            sources.problems.append((marked, marked.line((*place, str(key))), says))
    hosts = content.get("hosts")
    for host, variables in (hosts if isinstance(hosts, dict) else {}).items():
        mine.add(str(host))
        sources.whole = sources.whole and "[" not in str(host)
        sources.hosts.add(str(host))
        if isinstance(variables, dict):
            sources.said.append(Said(str(host), True, marked, (*place, "hosts", str(host)), variables))
    if isinstance(content.get("vars"), dict):
        sources.said.append(Said(name, False, marked, (*place, "vars"), content["vars"]))
    children = content.get("children")
    for child, inside in (children if isinstance(children, dict) else {}).items():
        mine |= _group(str(child), inside, (*place, "children", str(child)), marked, sources)
    return mine


def _variables_of(folder: Path, host: bool, sources: Sources) -> None:
    for top in sorted(folder.iterdir()) if folder.is_dir() else []:
        files = [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
        of = top.stem if top.is_file() and top.suffix in (*YAML, ".json") else top.name
        for file in files:
            if file.name.startswith(".") or file.name.endswith(IGNORED) or file.suffix not in ("", ".json", *YAML):
                continue
            marked = _taken(file, sources)
            known = sources.hosts if host else sources.groups
            if of not in known and sources.whole:
                meant = nearest(of, known)
                says = f"is for {'host' if host else 'group'} {of}, which there is not" + (f"; did you mean {meant}?" if meant else "")
                sources.problems.append((marked, 1, says))
            if isinstance(marked.data, dict):
                sources.said.append(Said(of, host, marked, (), marked.data))


def _taken(file: Path, sources: Sources) -> Marked:
    marked = read(file)
    sources.files.append(marked)
    sources.problems += [(marked, line, says) for line, says in marked.problems]
    if isinstance(marked.data, list | str | int | float):
        sources.problems.append((marked, 1, "is no mapping of names to values"))
    return marked
