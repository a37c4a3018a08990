# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The options that every variables module has, whatever the vendor."""

    DOCUMENTATION = r"""
options:
  variables:
    description:
      - The values that are wanted, by name; one that is V(null) is removed. Others are left alone unless O(exclusive) is set.
      - One of O(variables), O(as_of), O(recovery_point) and O(put_back) is required.
    type: dict
  as_of:
    description:
      - Put the variables back as they were at this moment, where the vendor keeps a history (Heroku, Railway); elsewhere, on the
        controller, as they were in the target's newest recovery point at or before it.
      - ISO 8601, in UTC unless it says otherwise; or V(HH:MM), the last time the clock showed that in UTC.
    type: str
  recovery_point:
    description:
      - A file that M(lastgood.recovery.variables_info) has written. On the controller it may be encrypted with ansible-vault.
      - Variables that could not be read when it was written are left alone.
    type: path
  memory:
    description:
      - A file that remembers, encrypted, how the variables were before the first change, and whether what was written runs yet. A run that
        was cut off in between is then finished by the next one, at vendors that tell nobody, too.
      - There must be a vault secret, so this works on the controller only. An existing file is not overwritten, names that are changed are
        added to it.
    type: path
  put_back:
    description: Put every variable back that was changed since O(memory) was written, and remove that file. Nothing happens without one.
    type: bool
  only:
    description: Names of the variables that may change. All of them, when it is not given.
    type: list
    elements: str
  exclusive:
    description:
      - Whether variables are removed that are not among the wanted ones. One that the vendor does not show is never removed for that.
      - V(true) with O(as_of) and O(recovery_point), V(false) with O(variables), when it is not given. Always V(true) with O(put_back).
    type: bool
  redeploy:
    description:
      - When the code that serves is deployed once more, so that it runs with the variables.
      - V(needed) does so once after a change, and when the vendor tells that what serves is older than the last change. V(always) does so
        without a change, too. V(never) leaves it to the next deployment.
    type: str
    choices: [needed, always, never]
    default: needed
  timeout:
    description: How many seconds that deployment may take.
    type: float
    default: 900
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 2
"""
