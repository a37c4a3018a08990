# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The options that every release module has, whatever the vendor."""

    DOCUMENTATION = r"""
options:
  release:
    description:
      - The vendor's id of the release to go back to.
      - One of O(release), O(good_at) and O(bad_at). All three give the same answer however often they are asked. Without them only
        O(hold) is set, and the release stays.
    type: str
  good_at:
    description:
      - Go back to what was serving at this moment.
      - ISO 8601, in UTC unless it says otherwise; or V(HH:MM), the last time the clock showed that in UTC.
    type: str
  bad_at:
    description:
      - Go back to the newest good release that served before the one that was serving at this moment.
      - Written like O(good_at); V(HH:MM) is that whole minute.
    type: str
  condemned:
    description:
      - Artifacts that earlier rollbacks took out of service, each with the time when that was. They are never gone back to.
    type: dict
    default: {}
  hold:
    description:
      - Whether new pushes are kept from going live, from before the rollback until somebody lets them go again.
      - V(true) for a rollback when it is not given. With V(false) they are let go live again.
    type: bool
  trigger:
    description:
      - With O(hold=false), what makes a push go live again, in the vendor's word, as C(trigger) of P(lastgood.recovery.release_info#module)
        had it before. Render has V(commit) and V(checksPass); the other vendors know no more than whether pushes go live.
    type: str
    default: ""
  version_urls:
    description:
      - Addresses in production that show the version they serve, in the body or in a header. The rollback is done when each of them
        shows the commit (its first seven digits) or the artifact.
    type: list
    elements: str
    default: []
  version_timeout:
    description: How many seconds O(version_urls) may take to show it, once the vendor says that it is live.
    type: float
    default: 60
  timeout:
    description: How many seconds the vendor may take from accepting the rollback to serving the release.
    type: float
    default: 600
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 2
"""
