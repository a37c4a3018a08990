#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_project
short_description: Pauses a Vercel project, lets it answer again, and switches its maintenance page
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - A paused project answers every visitor with 503. Functions have no instances to scale and nothing to restart.
  - Unpausing lets new pushes go live again, even when a rollback had pinned the project, so the pin is put back afterwards.
  - Vercel has no maintenance mode of its own. The documented way is an item of an Edge Config that the site's middleware reads; the
    module switches it when O(edge_config) is given.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.vercel
  - lastgood.recovery.vercel.project
  - lastgood.recovery.reach
  - lastgood.recovery.service
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.service
"""

EXAMPLES = r"""
- name: Show the maintenance page
  lastgood.recovery.vercel_project:
    project: rachelfoods-storefront
    edge_config: ecfg_p5mxqk2yxvv6utgb
    maintenance: true

- name: Take the storefront down until payments are safe again
  lastgood.recovery.vercel_project:
    project: rachelfoods-storefront
    state: stopped
"""

RETURN = r"""
before:
  description: How the service was run. What the vendor has no notion of is null.
  returned: success
  type: dict
  sample: {running: true, instances: {service: 2}, autoscaling: {}, maintenance: false, held: null}
after:
  description: How it is run now, or would be in check mode, in the same form.
  returned: success
  type: dict
  sample: {running: true, instances: {service: 6}, autoscaling: {}, maintenance: false, held: null}
waited:
  description: Seconds until it was so.
  returned: success
  type: float
  sample: 8.2
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Use state: stopped."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: TimedOut
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import service
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import vercel


def main() -> None:
    run_as_module(service.operation(vercel.VENDOR))


if __name__ == "__main__":
    main()
