#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: railway_cache
short_description: Purges the CDN of a Railway service
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Purges what Railway's CDN keeps of a service, everything or HTML pages only.
  - Railway answers a purge with yes whether the service has a CDN or not. The module cannot know either, and says so.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.railway
  - lastgood.recovery.railway.scope
  - lastgood.recovery.reach
  - lastgood.recovery.cache
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.cache
  - module: lastgood.recovery.railway_release
"""

EXAMPLES = r"""
- name: Purge the pages
  lastgood.recovery.railway.scope:
    service: 7d3e9f40-8a15-4c62-b0d8-f3e4c9b67a43
    scope: html
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
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import railway


def main() -> None:
    run_as_module(cache.operation(railway.VENDOR))


if __name__ == "__main__":
    main()
