# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a flag at LaunchDarkly, and how to see it as an application does."""

    DOCUMENTATION = r"""
options:
  token:
    description:
      - An access token whose role may update the flag's targeting in that environment.
      - Taken from E(LAUNCHDARKLY_ACCESS_TOKEN) when it is not given.
    type: str
    required: true
  project:
    description: Key of the project.
    type: str
    required: true
  environment:
    description: Key of the environment.
    type: str
    required: true
  comment:
    description: What LaunchDarkly's audit log says about it. Some environments refuse a change without one.
    type: str
    default: Switched by lastgood
  api_url:
    description:
      - Address of the API.
      - Taken from E(LAUNCHDARKLY_API_HOST) when it is not given.
    type: str
    default: https://app.launchdarkly.com
  sdk_key:
    description:
      - A server-side SDK key of that environment, as applications have.
      - Taken from E(LAUNCHDARKLY_SDK_KEY) when it is not given.
    type: str
  client_url:
    description: Where applications poll their flags, when that is another address (a Relay Proxy, a federal instance).
    type: str
    default: https://sdk.launchdarkly.com
"""
