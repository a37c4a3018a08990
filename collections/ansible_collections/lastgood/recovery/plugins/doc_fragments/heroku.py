# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach an app at Heroku."""

    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - An API key, or an OAuth token, of a member of the app.
      - Taken from E(HEROKU_API_KEY) when it is not given.
    type: str
    required: true
  app:
    description:
      - Name or id of the app.
      - Taken from E(HEROKU_APP) when it is not given.
    type: str
    required: true
  api_url:
    description:
      - Address of the API.
      - Taken from E(HEROKU_API_URL) when it is not given, or from E(HEROKU_HOST), which may be an address or a host, as for Heroku's CLI.
    type: str
    default: https://api.heroku.com
"""
