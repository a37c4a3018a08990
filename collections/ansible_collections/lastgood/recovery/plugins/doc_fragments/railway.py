# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a service at Railway."""

    DOCUMENTATION = r"""
options:
  token:
    description:
      - A project token, which belongs to one environment of one project. One of O(token) and O(api_token) is needed.
      - Taken from E(RAILWAY_TOKEN) when it is not given.
    type: str
  api_token:
    description:
      - A token of an account or a workspace. It is used only where there is no O(token), and needs O(project) and O(environment).
      - Taken from E(RAILWAY_API_TOKEN) when it is not given.
    type: str
  project:
    description:
      - Id of the project. O(token) knows it by itself.
      - Taken from E(RAILWAY_PROJECT_ID) when it is not given.
    type: str
  environment:
    description:
      - Id of the environment. O(token) knows it by itself.
      - Taken from E(RAILWAY_ENVIRONMENT_ID) when it is not given.
    type: str
  service:
    description:
      - Id of the service.
      - Taken from E(RAILWAY_SERVICE_ID) when it is not given.
    type: str
    required: true
  api_url:
    description:
      - Address of the GraphQL API.
      - Taken from E(RAILWAY_GRAPHQL_ENDPOINT) when it is not given.
    type: str
    default: https://backboard.railway.com/graphql/v2
"""

    SCOPE = r"""
options:
  scope:
    description: What is purged, everything or pages only.
    type: str
    choices: [all, html]
    default: all
"""

    MAINTENANCE = r"""
options:
  maintenance_text:
    description: What visitors read while they are kept out, at most 4096 bytes.
    type: str
    default: Closed for maintenance. Please try again in a few minutes.
"""

    DATABASE = r"""
options:
  clients:
    description:
      - Ids of the services that use the database. Their variables that refer to it, such as C(${{Postgres.DATABASE_URL}}), or hold its
        address, get to refer to the one that serves. Needed when a moment is to serve; a backup comes back behind the same address.
    type: list
    elements: str
    default: []
  emergency_backup:
    description:
      - Whether a backup of what there is now is made before another one is restored. Railway makes none of a volume that is more than half
        full, and deletes it together with all others that are newer than the restored one.
    type: bool
    default: true
"""
