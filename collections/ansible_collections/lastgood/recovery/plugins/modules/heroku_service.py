#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: heroku_service
short_description: Stops, starts, restarts and scales a Heroku app
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Runs so many dynos of each process type, in one call, and waits until they are up; a dyno that crashes is a failure. Sizes stay.
  - An app is stopped by running no dyno at all, and Heroku forgets how many there were. So O(state=running) needs O(instances), or the
    O(memory) of when it was stopped.
  - Switches Heroku's own maintenance mode. Dynos, workers among them, go on while it is on.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.heroku
  - lastgood.recovery.reach
  - lastgood.recovery.service
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.service
"""

EXAMPLES = r"""
- name: Keep everybody out and let no worker run while the database is restored
  lastgood.recovery.heroku_service:
    app: rachelfoods-accounts
    maintenance: true
    state: stopped
    memory: incident/accounts.condition.json

- name: As it was
  lastgood.recovery.heroku_service:
    app: rachelfoods-accounts
    memory: incident/accounts.condition.json
    put_back: true

- name: More of one kind
  lastgood.recovery.heroku_service:
    app: rachelfoods-accounts
    instances: {web: 6}
"""

RETURN = r"""
before:
  description: How the service was run. What the vendor has no notion of is null.
  returned: success
  type: dict
  sample: {running: true, instances: {web: 2, worker: 1}, autoscaling: null, maintenance: false, held: null}
after:
  description: How it is run now, or would be in check mode, in the same form.
  returned: success
  type: dict
  sample: {running: true, instances: {web: 6, worker: 1}, autoscaling: null, maintenance: false, held: null}
vendor:
  description: Where the service is, as people write it.
  returned: success
  type: str
  sample: Heroku
waited:
  description: Seconds until it was so.
  returned: success
  type: float
  sample: 8.2
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: Give instances, or the memory that was written when it was stopped.
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: Refused
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import service
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import heroku


def main() -> None:
    run_as_module(service.operation(heroku.VENDOR))


if __name__ == "__main__":
    main()
