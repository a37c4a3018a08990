# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a flag at Flagsmith, and how to see it as an application does."""

    DOCUMENTATION = r"""
options:
  token:
    description:
      - An API key of the organisation that may update the environment's feature states.
      - Taken from E(FLAGSMITH_MASTER_API_KEY) when it is not given.
    type: str
    required: true
  environment:
    description:
      - Client-side key of the environment, as applications have; it is no secret.
      - Taken from E(FLAGSMITH_ENVIRONMENT_KEY) when it is not given.
    type: str
    required: true
  api_url:
    description:
      - Address of the API, with its version.
      - Taken from E(FLAGSMITH_API_URL) when it is not given.
    type: str
    default: https://api.flagsmith.com/api/v1
  client_url:
    description:
      - Where applications get their flags, with its version.
      - Flagsmith's edge API when it is not given, or O(api_url) where that is a server of your own.
    type: str
"""
