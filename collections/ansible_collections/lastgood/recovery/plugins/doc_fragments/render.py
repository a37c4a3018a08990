# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a service at Render."""

    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - An API key of a member of the workspace.
      - Taken from E(RENDER_API_KEY) when it is not given.
    type: str
    required: true
  service:
    description: Id of the service (V(srv-…)).
    type: str
    required: true
  api_url:
    description:
      - Address of the API, with its version.
      - Taken from E(RENDER_HOST) when it is not given.
    type: str
    default: https://api.render.com/v1
"""
