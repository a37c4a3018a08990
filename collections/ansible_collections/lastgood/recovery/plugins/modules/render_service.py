#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: render_service
short_description: Stops, starts, restarts and scales a Render service
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Suspends and resumes, restarts, scales, and switches the maintenance mode of a web service.
  - Resuming is a new deploy of what served last; the module waits until it is live. A service that Render itself has suspended cannot be
    resumed.
  - A number of instances is silently ignored while autoscaling is on, so that is switched off first. Its settings are part of the memory.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.render
  - lastgood.recovery.reach
  - lastgood.recovery.service
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.service
"""

EXAMPLES = r"""
- name: Scale first, and remember how it was
  lastgood.recovery.render_service:
    service: srv-ct6vmjtj0q5s700ckea0
    instances: {service: 6}
    memory: incident/api.condition.json

- name: Scale back
  lastgood.recovery.render_service:
    service: srv-ct6vmjtj0q5s700ckea0
    memory: incident/api.condition.json
    put_back: true
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
vendor:
  description: Where the service is, as people write it.
  returned: success
  type: str
  sample: Render
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
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import render


def main() -> None:
    run_as_module(service.operation(render.VENDOR))


if __name__ == "__main__":
    main()
