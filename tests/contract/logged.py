"""Every vendor whose logs are kept: adding one is adding a line to LOGGED."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Logged:
    """What a vendor gives of the logs of its seeded target."""

    vendor: str
    says: dict[str, str]
    """By file, words that a release which breaks checkout leaves there."""
    failed_build: str
    """Words about a build that failed; empty where that makes no release."""
    offers: set[str] = field(default_factory=lambda: {"build", "runtime", "events"})
    same: Callable[[Any, Any], bool] = lambda before, after: bool(before == after)
    """Whether the vendor's state is the same, but for what reading a log leaves there."""

    def __str__(self) -> str:
        return self.vendor


LOGGED = [
    Logged(
        "vercel",
        {"build.log": "Build Completed", "runtime.log": "POST /checkout 500 TypeError", "events.jsonl": '"event": "domains assigned"'},
        failed_build='Command "npm run build" exited with 1',
    ),
    Logged(
        "render",
        {"build.log": "Running build command", "runtime.log": "[POST /checkout 500] TypeError", "events.jsonl": '"event": "deploy_ended"'},
        failed_build="Build failed",
    ),
    Logged(
        "heroku",
        {"build.log": "release phase", "runtime.log": "POST /checkout 500 TypeError", "events.jsonl": '"event": "Deploy '},
        failed_build="",
        same=lambda before, after: _but(before, "log_sessions") == _but(after, "log_sessions"),
    ),
    Logged(
        "railway",
        {"build.log": "build image of", "runtime.log": "POST /checkout 500 TypeError", "events.jsonl": '"event": "CREATE_CONTAINER"'},
        failed_build="error",
    ),
    Logged(
        "netlify",
        {"events.jsonl": '"event": "published"'},
        failed_build='"error_message": "',
        offers={"events"},
    ),
]


def _but(state: Any, name: str) -> Any:
    return {key: value for key, value in state.items() if key != name}
