# SPDX-License-Identifier: GPL-3.0-or-later
"""What channels say alike: how a message is known again, how it ends, and that a drill is one."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message

TEST = "[TEST] "
"""In front of what a drill says."""
IS_TEST = "This is a drill. Nothing is broken."


def key(message: Message) -> str:
    """The message among those of its incident."""
    return f"{message.stage}-{message.number}"


def mark(message: Message) -> str:
    """The incident, where several environments may share a page."""
    return f"{message.incident}.{sha256(message.environment.encode()).hexdigest()[:4]}"


def reference(message: Message) -> str:
    """The incident and which of its messages this is, in a form that tells customers nothing."""
    return f"{mark(message)}/{sha256(key(message).encode()).hexdigest()[:6]}"


def with_reference(message: Message) -> str:
    """What customers may read and, last, its reference."""
    return f"{public(message)}\n\nReference: {reference(message)}"


def references(texts: Iterable[Any]) -> frozenset[str]:
    """The last words of texts, which are the references of those that have one."""
    words = [str(text or "").split() for text in texts]
    return frozenset(several[-1] for several in words if several)


def headline(message: Message) -> str:
    """Its title on one line."""
    title = " ".join(message.title.split())
    return TEST + title if message.test and not title.startswith(TEST.strip()) else title


def public(message: Message) -> str:
    """What customers may read."""
    return _marked(message, message.public)


def text(message: Message) -> str:
    """What it says to whom the channel is for, and the facts that are for them."""
    facts = "\n".join(f"{label}: {value}" for label, value in message.facts)
    return "\n\n".join(part for part in (_marked(message, message.text), facts) if part)


def _marked(message: Message, said: str) -> str:
    return f"{IS_TEST}\n{said}" if message.test and IS_TEST not in said else said


def ends(message: Message) -> bool:
    """Whether the incident is over with it."""
    return message.status == "resolved" or message.stage == "undone"


def late(message: Message, memory: Mapping[str, Any]) -> bool:
    """Whether it was held up until the incident was told to be over."""
    return bool(memory.get("over")) and message.stage in ("started", "progress")
