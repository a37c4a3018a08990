# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a deployment at Convex; C(DEPLOYING) is how it is deployed, and the options of C(git) say from where."""

    DOCUMENTATION = r"""
options:
  deployment:
    description: Name of the deployment, such as V(happy-animal-123); for one that you host yourself, the name it has in O(reach).
    type: str
    required: true
  deploy_key:
    description:
      - A production deploy key of the deployment. The key of another one is refused.
      - Taken from E(CONVEX_DEPLOY_KEY) when it is not given.
    type: str
  admin_key:
    description:
      - The admin key of a deployment that you host yourself, with O(api_url).
      - Taken from E(CONVEX_SELF_HOSTED_ADMIN_KEY) when it is not given.
    type: str
  api_url:
    description:
      - Address of the deployment; V(https://<deployment>.convex.cloud) when it is not given.
      - Taken from E(CONVEX_SELF_HOSTED_URL) when it is not given.
    type: str
"""
    DEPLOYING = r"""
options:
  path:
    description: Folder of the project in the repository.
    type: str
    default: .
  install:
    description:
      - The command that installs what the project needs, run in O(path) without the keys; empty for none.
      - No shell reads it. It sees no variable of the environment that looks like a secret, but those of npm.
    type: str
    default: npm ci
  command:
    description: The command that deploys, run in O(path) with the keys in its environment.
    type: str
    default: npx convex deploy --yes
"""
