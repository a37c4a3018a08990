"""What a release writes while it runs, as its kind says: the same lines every time."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.artifacts import KINDS


@dataclass(frozen=True)
class Said:
    """One line; those about a request say which."""

    level: str
    text: str
    request: tuple[str, str, int] | None = None
    """Method, path and status."""


def said(kind: str, variables: dict[str, str]) -> list[Said]:
    """Oldest first. A release that does not start blurts its variables out, as releases do."""
    behaviour = KINDS[kind]
    if not behaviour.starts:
        shown = ", ".join(f"{name}={value}" for name, value in sorted(variables.items()))
        return [Said("info", "starting"), Said("error", f"Error: settings are missing, there are only {shown}")]
    lines = [Said("info", "listening"), Said("info", "", ("GET", "/", 200))]
    if behaviour.slow:
        lines.append(Said("warning", "recommendations took 3.5 s", ("GET", "/", 200)))
    if behaviour.checkout_fails_one_in:
        lines.append(Said("error", "TypeError: form.submit is not a function", ("POST", "/checkout", 500)))
    return lines
