#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_config_info
short_description: Tells the configuration of a CloudFront distribution, and captures it
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - CloudFront keeps no history. What is to be put back has to be captured before, best before each deployment.
  - Captures are encrypted with the first vault secret of the run, and refused without one, since what origins are sent may be secret.
options:
  save_to:
    description: The file to write; one that is there is replaced. Only on the controller.
    type: path
  captures:
    description:
      - The directory to capture into, a file for each time and distribution, for O(lastgood.recovery.cloudfront_config#module:good_at).
      - Nothing is written when the newest capture there is of the same state. Only on the controller.
    type: path
requirements:
  - boto3
notes:
  - Actions to allow in IAM are cloudfront:GetDistribution and lambda:GetFunctionConfiguration.
extends_documentation_fragment:
  - lastgood.recovery.aws
  - lastgood.recovery.cloudfront
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.cloudfront_config
"""

EXAMPLES = r"""
- name: Capture the configuration before the deployment
  lastgood.recovery.cloudfront_config_info:
    distribution: E2QWRUHAPOMQZL
    captures: recovery-points/edge
"""

RETURN = r"""
etag:
  description: The version of the configuration.
  returned: success
  type: str
  sample: E3UN6WX5RRO2AG
status:
  description: V(Deployed) when every edge has it.
  returned: success
  type: str
  sample: Deployed
modified:
  description: When it was changed last.
  returned: success
  type: str
  sample: "2026-11-20T16:06:00.000Z"
config:
  description: The configuration as CloudFront's API has it; secrets are fingerprints.
  returned: success
  type: dict
  sample: {Comment: Shop, Enabled: true}
functions:
  description: By ARN, what the function versions in it run. CodeSha256, and digits of what else decides how.
  returned: success
  type: dict
  sample:
    "arn:aws:lambda:us-east-1:123456789012:function:security-headers:3": 8xDZpzI4sTLS9D+JmVGNb3wV4Y1HpL2mYhEuJqN2c9s= 5e1f09ab
captured_in:
  description: The file that was written, or would be in check mode; none when there was nothing to write.
  returned: success
  type: str
  sample: recovery-points/edge/E2QWRUHAPOMQZL/20261122T023000Z.json
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Run it on the controller, with --vault-password-file or --vault-id."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import looking
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import cloudfront


def main() -> None:
    run_as_module(looking.operation(cloudfront.VENDOR))


if __name__ == "__main__":
    main()
