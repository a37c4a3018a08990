#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: netlify_cache
short_description: Purges the cache of a Netlify site
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Purges what the edge keeps of a site's answers, or what carries one of O(tags). Files are new with each deploy anyway; it is the
    answers of functions that outlive one.
  - Netlify allows about two purges in five seconds for a site or a tag. The module waits for the limit to reset.
requirements:
  - requests
extends_documentation_fragment:
  - lastgood.recovery.netlify
  - lastgood.recovery.reach
  - lastgood.recovery.cache
  - lastgood.recovery.attributes
seealso:
  - module: lastgood.recovery.cache
  - module: lastgood.recovery.netlify_release
"""

EXAMPLES = r"""
- name: Have the answers of functions made anew
  lastgood.recovery.netlify_cache:
    site: blog.rachelfoods.com
"""

RETURN = r"""
purged:
  description: What was purged, or would be in check mode; empty where the vendor caches nothing of the target.
  returned: success
  type: list
  elements: str
  sample: [cached answers]
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
from ansible_collections.lastgood.recovery.plugins.module_utils.providers import netlify


def main() -> None:
    run_as_module(cache.operation(netlify.VENDOR))


if __name__ == "__main__":
    main()
