# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The behaviours of a distribution in which a function runs."""

    DOCUMENTATION = r"""
options:
  event:
    description: The event on which the function runs.
    type: str
    required: true
    choices: [viewer-request, origin-request, origin-response, viewer-response]
  path_pattern:
    description:
      - The behaviour in which it runs, by its path pattern; V(*) is the default one.
      - Without it all behaviours that run the function on O(event) are meant, and go back together in one change.
    type: str
  function:
    description:
      - Name of the function. It is that which runs now when it is not given.
      - Needed where behaviours run several functions on O(event), or none.
    type: str
"""
