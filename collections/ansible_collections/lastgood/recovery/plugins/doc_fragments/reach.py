# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The option of everything that talks to a vendor: which targets it may touch at all."""

    DOCUMENTATION = r"""
options:
  reach:
    description:
      - By vendor, the targets that may be touched. A target that is not listed is refused before the vendor is called.
      - Taken from the inventory's variable C(reach) when it is not given, on the controller. Without either, the token alone decides.
    type: dict
"""
