#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_end
short_description: Says how a rollout ended
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - C(ansible-playbook) exits with RV(exit_code). Changes nothing.
options:
  state:
    description: Whether everybody has the release, or what served before again.
    type: str
    required: true
    choices: [completed, aborted]
  deployment:
    description: Id of the deployment.
    type: str
    required: true
  why:
    description: Why it was aborted.
    type: str
    default: ''
extends_documentation_fragment:
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.vercel_rolling_release
"""

EXAMPLES = r"""
- name: Say how it ended
  lastgood.recovery.rollout_end:
    state: completed
    deployment: dpl_4tX
"""

RETURN = r"""
exit_code:
  description: 0, or 11 when it was aborted.
  returned: success
  type: int
  sample: 0
summary:
  description: The same in words.
  returned: success
  type: str
  sample: dpl_4tX serves everybody
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.rollout.judging import END


def main() -> None:
    run_as_module(END)


if __name__ == "__main__":
    main()
