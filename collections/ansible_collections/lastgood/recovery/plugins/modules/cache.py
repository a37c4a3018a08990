#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: cache
short_description: Purges what the vendor caches of a target, whatever its vendor
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Purges what the vendor keeps of the target's answers. Asking twice does no harm, so a purge whose answer was lost is asked for again.
  - Works with the vendor that the inventory names. The vendors' own modules, such as M(lastgood.recovery.vercel_cache), say what is
    particular there.
  - A vendor without any cache of its own, such as Heroku, refuses.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.target
  - lastgood.recovery.reach
  - lastgood.recovery.cache
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.vercel_cache
  - module: lastgood.recovery.render_cache
"""

EXAMPLES = r"""
- name: Purge the vendor's cache
  lastgood.recovery.cache:
    provider: "{{ provider }}"
    service: "{{ service }}"
"""

RETURN = r"""
purged:
  description: What was purged, or would be in check mode; empty where the vendor caches nothing of the target.
  returned: success
  type: list
  elements: str
  sample: [edge cache]
tags:
  description: The tags that it was limited to.
  returned: success
  type: list
  elements: str
  sample: []
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Leave tags out: everything is purged then."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: NotAuthorised
"""

from ansible_collections.lastgood.recovery.plugins.module_utils import cache
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(cache.operation(ANY))


if __name__ == "__main__":
    main()
