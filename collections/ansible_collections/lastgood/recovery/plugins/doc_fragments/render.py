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

    DATABASE = r"""
options:
  api_key:
    description:
      - An API key of a member of the workspace.
      - Taken from E(RENDER_API_KEY) when it is not given.
    type: str
    required: true
  postgres:
    description: Id of the PostgreSQL instance (V(dpg-…)), or of any that was recovered from it.
    type: str
    required: true
  services:
    description:
      - Ids of the services (V(srv-…)) that use it. Their variables that hold its internal or external connection string get the new one's.
      - Needed with O(serve). Environment groups are not looked at.
    type: list
    elements: str
    default: []
  export:
    description:
      - Whether Render is asked for a logical export of what serves before it recovers anything. It is not waited for; Render keeps it for
        seven days, and offers it in the dashboard.
    type: bool
    default: false
  api_url:
    description:
      - Address of the API, with its version.
      - Taken from E(RENDER_HOST) when it is not given.
    type: str
    default: https://api.render.com/v1
"""
