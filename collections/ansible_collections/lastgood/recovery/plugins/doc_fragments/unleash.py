# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a flag at Unleash, and how to see it as an application does."""

    DOCUMENTATION = r"""
options:
  token:
    description:
      - An admin token, or that of a person or a service account who may update the flag in that environment.
      - Taken from E(UNLEASH_ADMIN_TOKEN) when it is not given.
    type: str
    required: true
  project:
    description: Id of the project that the flag belongs to.
    type: str
    default: default
  environment:
    description: Name of the environment.
    type: str
    required: true
  api_url:
    description:
      - Address of the server, such as V(https://app.unleash-hosted.com/acme).
      - Taken from E(UNLEASH_URL) when it is not given.
    type: str
    required: true
  client_token:
    description:
      - A client (backend) token of that environment, as applications have.
      - Taken from E(UNLEASH_API_TOKEN) when it is not given.
    type: str
  client_url:
    description: Where applications get their flags, when that is another address (Unleash Edge); O(api_url) when it is not given.
    type: str
"""
