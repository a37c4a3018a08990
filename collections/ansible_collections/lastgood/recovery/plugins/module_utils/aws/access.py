# SPDX-License-Identifier: GPL-3.0-or-later
"""How AWS is reached: the options of amazon.aws by their usual names, and where they are silent, botocore's own chain."""
from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import env_fallback
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.aws.refusals import understood
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Options

# Keys have no fallback here: botocore finds those of the environment, of profiles, of single sign-on and of the machine's role,
# and a profile that is asked for by name must win over keys that happen to be in the environment.
OPTIONS: dict[str, Any] = {
    "region": {"type": "str", "aliases": ["aws_region"], "fallback": (env_fallback, ["AWS_REGION", "AWS_DEFAULT_REGION"])},
    "profile": {"type": "str", "aliases": ["aws_profile"]},
    "access_key": {"type": "str", "no_log": True, "aliases": ["aws_access_key_id", "aws_access_key"]},
    "secret_key": {"type": "str", "no_log": True, "aliases": ["aws_secret_access_key", "aws_secret_key"]},
    "session_token": {"type": "str", "no_log": True, "aliases": ["aws_session_token"]},
    "endpoint_url": {"type": "str", "aliases": ["aws_endpoint_url"], "fallback": (env_fallback, ["AWS_URL"])},
}
CONNECT, READ = 5, 15
"""Seconds to connect, and to wait for an answer."""
REPEATED, ONCE = 5, 1
"""How often a call is made at most. Nobody can tell whether a change whose answer is lost was made, so it is not repeated."""
USER_AGENT = "lastgood-recovery"


def session(options: Options) -> Any:
    """Who asks, from where. Refused where the options contradict each other."""
    keys = [name for name in ("access_key", "secret_key", "session_token") if options[name]]
    if options["profile"] and keys:
        raise errors.Refused(f"profile and {keys[0]} name two identities", "Give one of them.")
    if keys and not (options["access_key"] and options["secret_key"]):
        raise errors.Refused(f"{keys[0]} is half an identity", "Give access_key and secret_key, or neither.")
    with understood("", "the credentials"):
        return library("boto3").Session(
            aws_access_key_id=options["access_key"],
            aws_secret_access_key=options["secret_key"],
            aws_session_token=options["session_token"],
            profile_name=options["profile"],
            region_name=options["region"],
        )


def client(service: str, options: Options, attempts: int = REPEATED, known: Any = None) -> Any:
    """A botocore client for that service, such as C(rds). C(known) is a session to be used again; making one takes 0.1 s."""
    config = library("botocore.config").Config(
        connect_timeout=CONNECT,
        read_timeout=READ,
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra=USER_AGENT,
        s3={"addressing_style": "path"} if options["endpoint_url"] else None,  # few servers have a host name for each bucket
    )
    known = known or session(options)
    with understood("", "the credentials"):
        return known.client(service, endpoint_url=options["endpoint_url"], config=config)
