# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a branch at Neon."""

    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - An API key that may work with the project.
      - Taken from E(NEON_API_KEY) when it is not given.
    type: str
    required: true
  project:
    description:
      - Id of the project, such as V(shiny-wind-028834).
      - Taken from E(NEON_PROJECT_ID) when it is not given.
    type: str
    required: true
  branch:
    description: Name or id of the branch that serves.
    type: str
    default: main
  database:
    description: Name of the database that is connected to, to look at it. All databases of a branch go back together.
    type: str
    default: neondb
  role:
    description: The role that connects.
    type: str
    default: neondb_owner
  api_url:
    description:
      - Address of the API.
      - Taken from E(NEON_API_HOST) when it is not given.
    type: str
    default: https://console.neon.tech/api/v2
"""
