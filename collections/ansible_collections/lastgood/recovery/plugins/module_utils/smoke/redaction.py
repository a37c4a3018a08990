# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping secrets out of what is shown."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
SECRET_NAME = re.compile(r"passw|passphrase|secret|token|authorization|api[-_]?key|cookie|credential", re.IGNORECASE)
SHORT = 6
"""Below this many characters a secret is only recognised as a whole word: hiding every 7 would hide status codes too."""


class Redaction:
    """Learns secrets and hides them wherever they turn up, also as URLs, forms, JSON and HTML write them."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def learn(self, value: Any) -> None:
        """Every text and number inside C(value) is a secret."""
        if isinstance(value, Mapping):
            for part in value.values():
                self.learn(part)
        elif isinstance(value, (list, tuple)):
            for part in value:
                self.learn(part)
        elif value is not None and not isinstance(value, bool) and str(value).strip():
            text = str(value)
            as_json = json.dumps(text)[1:-1]
            self._secrets |= {text, quote(text, safe=""), quote_plus(text), as_json, html.escape(text)}
            if " " in text:  # Authorization: Bearer <secret>
                self._secrets.add(text.split()[-1])

    def learn_named(self, value: Any) -> None:
        """Whatever a name such as C(password) or C(Authorization) stands for inside C(value) is a secret."""
        if isinstance(value, Mapping):
            for name, part in value.items():
                (self.learn if SECRET_NAME.search(str(name)) else self.learn_named)(part)
        elif isinstance(value, (list, tuple)):
            for part in value:
                self.learn_named(part)

    def hide(self, text: str) -> str:
        """The text without the secrets."""
        if not self._secrets:
            return text
        longest_first = sorted(self._secrets, key=len, reverse=True)
        return re.sub("|".join(map(_pattern, longest_first)), MASK, text)

    def hidden(self, value: Any) -> Any:
        """A copy of nested options without the secrets."""
        if isinstance(value, Mapping):
            return {name: MASK if part and SECRET_NAME.search(str(name)) else self.hidden(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hidden(part) for part in value]
        return self.hide(value) if isinstance(value, str) else value


def _pattern(secret: str) -> str:
    return re.escape(secret) if len(secret) >= SHORT else rf"(?<!\w){re.escape(secret)}(?!\w)"
