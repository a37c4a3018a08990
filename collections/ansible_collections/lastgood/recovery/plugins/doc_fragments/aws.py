# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How AWS is reached."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region, such as V(eu-west-1). Without it that of the profile is used.
      - Taken from E(AWS_REGION), then E(AWS_DEFAULT_REGION), when it is not given.
    type: str
    aliases: [aws_region]
  profile:
    description: A profile of C(~/.aws/config). It wins over keys in the environment, and cannot be given beside O(access_key).
    type: str
    aliases: [aws_profile]
  access_key:
    description: Access key id; with O(secret_key). Without both, and without O(profile), botocore looks where it always does.
    type: str
    aliases: [aws_access_key_id, aws_access_key]
  secret_key:
    description: The secret access key that belongs to O(access_key).
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
  session_token:
    description: Session token of temporary keys.
    type: str
    aliases: [aws_session_token]
  endpoint_url:
    description:
      - Address that is asked in place of AWS's own.
      - Taken from E(AWS_URL) when it is not given; botocore's own E(AWS_ENDPOINT_URL) and C(AWS_ENDPOINT_URL_<SERVICE>) count as well.
    type: str
    aliases: [aws_endpoint_url]
notes:
  - Keys that are not given are looked for as botocore does, on the machine that runs the module. The environment, profiles with single
    sign-on or assumed roles, the role of the machine.
  - C(amazon.aws) is not needed. The options have the names that they have there.
"""
