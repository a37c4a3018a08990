#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: incident_tell
short_description: Tells people about an incident
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Tells one stage of an incident in every channel of the inventory that wants to hear of it, all at the same time and within O(seconds).
  - It never fails a rollback. What could not be told is a warning, waits in the incident's C(told.json), and is told before the next
    message. Each channel tells a stage once, however often this is run.
  - In check mode it shows what would be told first. Only there is a mistake in O(telling) an error.
options:
  incident:
    description: The facts of the incident, C(ansible_facts.incident) after P(lastgood.recovery.incident_open#module).
    type: dict
    required: true
  stage:
    description:
      - What there is to tell. V(verdict) is that of V(restored), V(not_restored), V(partial) and V(unverified) which
        P(lastgood.recovery.incident_close#module) has found.
    type: str
    required: true
    choices: [started, progress, restored, not_restored, partial, unverified, committed, undone, watch, verdict]
  telling:
    description: Channels, words and what else there is to say, from the inventory. Without C(channels) nothing is told.
    type: dict
    default: {}
  secrets:
    description: Values for the C(${name}) placeholders in the options of channels.
    type: dict
    default: {}
  deliver:
    description: Whether anything is sent. When not, it is shown and written down as not delivered.
    type: bool
    default: true
  test:
    description: Whether this is a drill, which every message then says.
    type: bool
    default: false
  number:
    description: Which of its stage it is, where only the caller can tell.
    type: int
  note:
    description: What to say first in a message of progress.
    type: str
    default: ""
  seconds:
    description: How long it may take altogether.
    type: float
    default: 5
extends_documentation_fragment:
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Tell that the rollback has started
  lastgood.recovery.incident_tell:
    incident: "{{ ansible_facts.incident }}"
    stage: started
    telling:
      messages: realco
      channels:
        - {name: alerts, kind: slack, channel: C0123456789, token: "${slack}"}
    secrets:
      slack: "{{ lookup('ansible.builtin.env', 'SLACK_BOT_TOKEN') }}"
  run_once: true
"""

RETURN = r"""
stage:
  description: What was told.
  returned: when there was something to tell, except in check mode
  type: str
  sample: restored
told:
  description: What has become of each message, those that had waited among them.
  returned: when there was something to tell, except in check mode
  type: list
  elements: dict
  contains:
    channel:
      description: The inventory's name of the channel.
      type: str
      sample: alerts
    stage:
      description: Of which stage.
      type: str
      sample: started
    number:
      description: Which of that stage.
      type: int
      sample: 1
    state:
      description: One of V(sent), V(queued), V(failed) and V(not delivered).
      type: str
      sample: sent
    link:
      description: Where it can be read.
      type: str
      sample: https://rachelfoods.slack.com/archives/C0123456789/p1763779105000100
messages:
  description: By channel, the title and the text that would be told.
  returned: in check mode
  type: dict
every:
  description: Minutes between messages of progress.
  returned: when the start was told, and progress is to be
  type: float
  sample: 10
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.telling import TELL
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(TELL)


if __name__ == "__main__":
    main()
