# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's variables as they are now, beside those that one of its deployments was made with."""
from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.lastgood.recovery.plugins.module_utils.configuration import Values

PROVIDED = "RAILWAY_"
"""How the names begin of what Railway provides itself, which differs from deployment to deployment."""


class Today:
    """C(texts) are as people wrote them, with references (C(${{…}})); C(rendered) has what they stand for, null where one is sealed."""

    def __init__(self, texts: Mapping[str, str | None], rendered: Mapping[str, str | None]) -> None:
        self.rendered = rendered
        self.hidden = {name for name, value in [*texts.items(), *rendered.items()] if value is None}
        self.texts = {name: text for name, text in texts.items() if text is not None and name not in self.hidden}

    @property
    def values(self) -> Values:
        return {**self.texts, **dict.fromkeys(self.hidden)}

    def differing(self, then: Mapping[str, str]) -> list[str]:
        """Names of the variables that are other ones now, are new, or are gone."""
        return sorted(
            name
            for name in {*self.texts, *self._own(then)}
            if not self._untold(name, then) and then.get(name) not in (self.texts.get(name), self.rendered.get(name))
        )

    def moved(self, then: Mapping[str, str]) -> list[str]:
        """Names of the references that stood for something else."""
        return [name for name in self.differing(then) if name in then and _refers(self.texts.get(name, ""))]

    def put_back(self, then: Mapping[str, str]) -> Values:
        """The variables of then, as they have to be written today: what is a reference now stays one."""
        kept = {name: text for name, text in self.texts.items() if self._untold(name, then) or (name in then and _refers(text))}
        return {**self._own(then), **kept}

    def _own(self, then: Mapping[str, str]) -> dict[str, str]:
        """Without what Railway provides, and what is sealed by now."""
        return {name: value for name, value in then.items() if name in self.texts or name not in self.rendered}

    def _untold(self, name: str, then: Mapping[str, str]) -> bool:
        """Whether a difference would say nothing: it stands for something that Railway provides, or is left out as if it were that."""
        text = self.texts.get(name, "")
        return (_refers(text) and PROVIDED in text) or (name.startswith(PROVIDED) and name not in then)


def _refers(text: str) -> bool:
    return "${{" in text
