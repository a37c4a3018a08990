# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """A target at whatever vendor the inventory names."""

    DOCUMENTATION = r"""
options:
  provider:
    description: The vendor.
    type: str
    required: true
    choices: [convex, git, heroku, lambda_edge, netlify, railway, render, vercel]
  service:
    description:
      - How to reach the target at that vendor, with the options of the vendor's own release module.
      - What is left out is taken from the same environment variables as there.
    type: dict
    required: true
    suboptions:
      access_key:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      admin_key:
        description: See P(lastgood.recovery.convex_release#module).
        type: str
      api_key:
        description: See P(lastgood.recovery.heroku_release#module) and P(lastgood.recovery.render_release#module).
        type: str
      api_token:
        description: See P(lastgood.recovery.railway_release#module).
        type: str
      api_url:
        description: Address of the vendor's API.
        type: str
      app:
        description: See P(lastgood.recovery.heroku_release#module).
        type: str
      attachment:
        description: See P(lastgood.recovery.heroku_postgres#module).
        type: str
      author_email:
        description: See P(lastgood.recovery.git_release#module).
        type: str
      author_name:
        description: See P(lastgood.recovery.git_release#module).
        type: str
      aws_config:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: bool
      branch:
        description: See P(lastgood.recovery.convex_release#module) and P(lastgood.recovery.git_release#module).
        type: str
      captures:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: path
      code_only:
        description: See P(lastgood.recovery.heroku_release#module).
        type: bool
      command:
        description: See P(lastgood.recovery.convex_release#module).
        type: str
      data_url:
        description: See P(lastgood.recovery.heroku_postgres#module).
        type: str
      deploy_key:
        description: See P(lastgood.recovery.convex_release#module).
        type: str
      deployment:
        description: See P(lastgood.recovery.convex_release#module).
        type: str
      distribution:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      edge_config:
        description: See P(lastgood.recovery.vercel_project#module).
        type: str
      endpoint_url:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      environment:
        description: See P(lastgood.recovery.railway_release#module).
        type: str
      event:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      function:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      install:
        description: See P(lastgood.recovery.convex_release#module).
        type: str
      maintenance_item:
        description: See P(lastgood.recovery.vercel_project#module).
        type: str
      maintenance_text:
        description: See P(lastgood.recovery.railway_service#module).
        type: str
      path:
        description: See P(lastgood.recovery.convex_release#module).
        type: str
      path_pattern:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      profile:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      project:
        description: See P(lastgood.recovery.railway_release#module) and P(lastgood.recovery.vercel_release#module).
        type: str
      region:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      remote:
        description: See P(lastgood.recovery.convex_release#module) and P(lastgood.recovery.git_release#module).
        type: str
      repository:
        description: See P(lastgood.recovery.convex_release#module) and P(lastgood.recovery.git_release#module).
        type: str
      scope:
        description: See P(lastgood.recovery.railway_cache#module).
        type: str
      secret_key:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      service:
        description: See P(lastgood.recovery.railway_release#module) and P(lastgood.recovery.render_release#module).
        type: str
      session_token:
        description: See P(lastgood.recovery.lambda_edge_release#module).
        type: str
      site:
        description: See P(lastgood.recovery.netlify_release#module).
        type: str
      tags:
        description: See P(lastgood.recovery.convex_release#module) and P(lastgood.recovery.git_release#module).
        type: str
      team:
        description: See P(lastgood.recovery.vercel_release#module).
        type: str
      token:
        description:
          - See P(lastgood.recovery.convex_release#module), P(lastgood.recovery.git_release#module),
            P(lastgood.recovery.netlify_release#module), P(lastgood.recovery.railway_release#module) and
            P(lastgood.recovery.vercel_release#module).
        type: str
      token_user:
        description: See P(lastgood.recovery.convex_release#module) and P(lastgood.recovery.git_release#module).
        type: str
"""
