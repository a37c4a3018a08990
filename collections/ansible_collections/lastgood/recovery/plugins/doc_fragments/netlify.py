# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a site at Netlify."""

    DOCUMENTATION = r"""
options:
  token:
    description:
      - A personal access token of a member of the team that owns the site.
      - Taken from E(NETLIFY_AUTH_TOKEN) when it is not given.
    type: str
    required: true
  site:
    description:
      - Id of the site, or its domain.
      - Taken from E(NETLIFY_SITE_ID) when it is not given.
    type: str
    required: true
  api_url:
    description:
      - Address of the API, with its version; without a path the first version is meant.
      - Taken from E(NETLIFY_API_URL) when it is not given.
    type: str
    default: https://api.netlify.com/api/v1
"""
