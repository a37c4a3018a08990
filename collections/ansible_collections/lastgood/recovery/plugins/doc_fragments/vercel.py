# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a project at Vercel."""

    DOCUMENTATION = r"""
options:
  token:
    description:
      - An access token whose scope includes the team.
      - Taken from E(VERCEL_TOKEN) when it is not given.
    type: str
    required: true
  project:
    description:
      - Id (V(prj_…)) or name of the project.
      - Taken from E(VERCEL_PROJECT_ID) when it is not given.
    type: str
    required: true
  team:
    description:
      - Id (V(team_…)) or slug of the team that owns the project; left out for a personal account.
      - Taken from E(VERCEL_TEAM_ID) or E(VERCEL_ORG_ID) when it is not given.
    type: str
  api_url:
    description:
      - Address of the API.
      - Taken from E(VERCEL_API_URL) when it is not given.
    type: str
    default: https://api.vercel.com
"""

    PROJECT = r"""
options:
  edge_config:
    description:
      - Id of the Edge Config that the site's middleware reads (V(ecfg_…)).
      - Taken from E(VERCEL_EDGE_CONFIG_ID) when it is not given.
    type: str
  maintenance_item:
    description: The item in it that is true while the maintenance page is to be shown.
    type: str
    default: isInMaintenanceMode
"""
