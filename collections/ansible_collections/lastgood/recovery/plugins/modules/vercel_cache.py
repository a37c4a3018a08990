#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_cache
short_description: Purges the caches of a Vercel project
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Purges the project's edge cache and its data cache, or invalidates what carries one of O(tags) in production.
  - A rollback needs no purge of the edge cache, because each deployment has its own. The data cache is shared by all deployments, so
    what the bad release has put into it is still there after a rollback.
  - Entries are invalidated, not deleted; they are fetched anew in the background.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.vercel
  - lastgood.recovery.reach
  - lastgood.recovery.cache
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.cache
  - module: lastgood.recovery.vercel_release
"""

EXAMPLES = r"""
- name: Forget what the bad release has put into the data cache
  lastgood.recovery.vercel_cache:
    project: rachelfoods-storefront

- name: Have the product pages made anew
  lastgood.recovery.vercel_cache:
    project: rachelfoods-storefront
    tags: [products]
"""

RETURN = r"""
purged:
  description: What was purged, or would be in check mode; empty where the vendor caches nothing of the target.
  returned: success
  type: list
  elements: str
  sample: [edge cache, data cache]
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
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import vercel


def main() -> None:
    run_as_module(cache.operation(vercel.VENDOR))


if __name__ == "__main__":
    main()
