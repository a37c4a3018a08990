# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The options that every service module has, whatever the vendor."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(stopped) takes the service down and keeps what it needs to come back. V(running) lets it run again.
      - V(restarted) replaces what runs with fresh instances of the same release, each time it is asked for.
    type: str
    choices: [running, stopped, restarted]
  instances:
    description:
      - How many instances to run, by process type; a vendor with a single kind calls it V(service).
      - They only count while the service runs, so they are refused for one that is stopped.
      - Automatic scaling is switched off first, since a number is ignored while it is on. O(put_back) brings it back.
    type: dict
  at_least:
    description: Whether O(instances) is the least there shall be. What runs more already keeps them, and scales by itself if it did.
    type: bool
    default: false
  settle:
    description: Seconds to wait once it runs another number of O(instances), until they have their share of the work.
    type: float
    default: 0
  maintenance:
    description: Whether visitors meet a maintenance page. It is shown before anything else changes, and taken away last.
    type: bool
  memory:
    description:
      - A file in which the condition of the service is written down before the first change, so that O(put_back) can restore exactly that.
      - One that is there already is kept, so that a run that was cut off can be run again.
      - With O(state=running), the number of instances is taken from it where the vendor has forgotten it (Heroku).
    type: path
  put_back:
    description: Bring the service into the condition that O(memory) holds, and remove the file once it is so.
    type: bool
  timeout:
    description: How many seconds it may take.
    type: float
    default: 600
  poll:
    description: The longest pause, in seconds, between two looks while waiting.
    type: float
    default: 2
"""
