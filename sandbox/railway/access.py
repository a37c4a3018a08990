"""Who asks: an account, or a token that belongs to one environment of one project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.railway.book import problem

if TYPE_CHECKING:
    from sandbox.railway import Railway

Resolvers = dict[str, Callable[..., Any]]
"""What answers a field of the schema's Query or Mutation; each takes the emulator, the caller and the field's arguments."""

PROJECT_TOKEN, ACCOUNT_TOKEN, WITHOUT_2FA = "sandbox-railway-token", "sandbox-railway-account-token", "sandbox-railway-token-without-2fa"


@dataclass(frozen=True)
class Caller:
    """Whose token it is; a project token reaches `environment` alone."""

    environment: str | None = None

    def may_touch(self, environment: str | None) -> None:
        """The vendor's error unless the token reaches it."""
        if self.environment not in (None, environment):
            problem("Not Authorized")


def caller(railway: Railway, headers: Mapping[str, str]) -> Caller:
    """The two kinds of token go into two different headers; each is refused in the other's."""
    if token := headers.get("Project-Access-Token"):
        if token != PROJECT_TOKEN:
            problem("Project Token not found")
        return Caller(railway.book.project["baseEnvironmentId"])
    token = headers.get("Authorization", "").removeprefix("Bearer ")
    if token == WITHOUT_2FA:
        problem("Two Factor Authentication Required", workspaceName="Lastgood")
    if token != ACCOUNT_TOKEN:
        problem("Not Authorized")
    return Caller()
