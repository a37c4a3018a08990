# SPDX-License-Identifier: GPL-3.0-or-later
"""How a branch of a Git repository is reached, and what must never be shown of it."""
from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options

REPOSITORY: dict[str, Any] = {
    "repository": {"type": "str", "required": True},
    "branch": {"type": "str", "default": "main"},
    "remote": {"type": "str", "default": "origin"},
    "tags": {"type": "str"},
    "token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["GIT_TOKEN"])},
    "token_user": {"type": "str", "default": "x-access-token", "no_log": False},
}
"""Where the releases are, for vendors whose releases come from Git as well."""
OPTIONS: dict[str, Any] = {
    **REPOSITORY,
    "author_name": {"type": "str"},
    "author_email": {"type": "str"},
}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_CREDENTIALS = re.compile(r"([a-z][a-z0-9+.-]*://)[^/@\s'\"]*@", re.IGNORECASE)
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE")


def written(repository: str) -> str:
    """The repository as a person may read it: an address without user and password, anything else as it is."""
    return _CREDENTIALS.sub(r"\1", repository)


def check(options: Options) -> None:
    """Refused, before Git is called, when an option would be taken for something else or would show a secret."""
    for name in ("repository", "branch", "remote", "hotfix"):
        if str(options.get(name) or "").startswith("-"):
            raise errors.Refused(f"{name} must not begin with a dash", f"Correct {name}.")
    if has_password(options["repository"]):
        raise errors.Refused(
            f"{written(options['repository'])} is given with a password, which would be shown and logged",
            "Leave it out of repository, and give it as token.",
        )


def has_password(address: str) -> bool:
    """Whether an address such as C(https://user:password@host/path) carries one."""
    try:
        return bool(urlsplit(address).password)
    except ValueError:
        return False


def environment(options: Options, address: str) -> dict[str, str]:
    """The environment of every Git process: it asks nobody anything, and sends the token to its own host only."""
    variables = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE and not name.startswith("GIT_TRACE")}
    variables.update(
        LC_ALL="C",
        GIT_TERMINAL_PROMPT="0",
        GIT_ASKPASS="true",
        SSH_ASKPASS_REQUIRE="never",
        GIT_EDITOR="true",
        GIT_OPTIONAL_LOCKS="0",
    )
    for role in ("AUTHOR", "COMMITTER"):
        for field in ("name", "email"):
            if options.get(f"author_{field}"):
                variables[f"GIT_{role}_{field.upper()}"] = options[f"author_{field}"]
    settings = {
        "core.hooksPath": os.devnull,  # the trees were all tested before; the server's own hooks still have their say
        "gc.auto": "0",
        "maintenance.auto": "false",
        "http.lowSpeedLimit": "1",
        "http.lowSpeedTime": "30",
        "log.showSignature": "false",
        **_token_settings(options, address),
    }
    earlier = int(variables.get("GIT_CONFIG_COUNT") or 0)
    for number, (key, value) in enumerate(settings.items(), earlier):
        variables[f"GIT_CONFIG_KEY_{number}"], variables[f"GIT_CONFIG_VALUE_{number}"] = key, value
    variables["GIT_CONFIG_COUNT"] = str(earlier + len(settings))
    return variables


def _token_settings(options: Options, address: str) -> dict[str, str]:
    if not options.get("token"):
        return {}
    parts = urlsplit(address) if "://" in address else urlsplit("")
    if parts.scheme not in ("http", "https"):
        return {}
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise errors.Refused(f"a token is not sent to {parts.hostname} in plain text", "Use an https address.")
    host = parts.netloc.rpartition("@")[2]
    return {
        f"http.{parts.scheme}://{host}/.extraHeader": f"Authorization: Basic {_basic(options)}",
        f"credential.{parts.scheme}://{host}.helper": "",  # another identity must not take the token's place
        "http.followRedirects": "false",
    }


def _basic(options: Options) -> str:
    return base64.b64encode(f"{options['token_user']}:{options['token']}".encode()).decode()


def hiding(options: Options) -> Callable[[str], str]:
    """A function that takes the token, in whatever form, and the credentials in addresses out of a text."""
    secrets = [options["token"], _basic(options)] if options.get("token") else []

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "********")
        return written(text)

    return hide
