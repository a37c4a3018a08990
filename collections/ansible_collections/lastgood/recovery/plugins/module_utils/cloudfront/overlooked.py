# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether botocore knows all that CloudFront tells: what it does not know it leaves out, and sent back like that it would be gone."""
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree


def overlooked(body: bytes, shape: Any) -> tuple[str, ...]:
    """Paths of the elements of the DistributionConfig in an answer that botocore's shape of it has no member for."""
    if not body:
        return ()
    root = ElementTree.fromstring(body)  # an answer of AWS over TLS, which botocore has parsed in the same way
    config = next((element for element in root.iter() if _name(element) == "DistributionConfig"), None)
    return tuple(_unknown(config, shape, "")) if config is not None else ()


def _unknown(element: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name == "list":
        for child in element:
            yield from _unknown(child, shape.member, path)
    if shape.type_name != "structure":
        return
    members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    for child in element:
        name = _name(child)
        if name not in members:
            yield f"{path}{name}"
        else:
            yield from _unknown(child, members[name], f"{path}{name}.")


def _name(element: Any) -> str:
    return re.sub(r"^{[^}]*}", "", element.tag)
