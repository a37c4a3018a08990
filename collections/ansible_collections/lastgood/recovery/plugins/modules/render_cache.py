#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: render_cache
short_description: Purges the edge cache of a Render service
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Purges the edge cache of a web service. Render knows no tags.
  - Where caching is off for the service nothing is purged, and the result says so.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.render
  - lastgood.recovery.reach
  - lastgood.recovery.cache
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.cache
  - module: lastgood.recovery.render_release
"""

EXAMPLES = r"""
- name: Purge the edge cache
  lastgood.recovery.render_cache:
    service: srv-ct6vmmlj0q5s700ckes0
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
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import render


def main() -> None:
    run_as_module(cache.operation(render.VENDOR))


if __name__ == "__main__":
    main()
