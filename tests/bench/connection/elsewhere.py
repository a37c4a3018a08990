"""A machine like this one that Ansible does not know to be this one: modules are shipped to it, without a network between."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: elsewhere
short_description: This machine, treated as another one
description:
  - Runs commands here, and calls itself anything but local.
author: lastgood contributors (@lastgood)
extends_documentation_fragment:
  - connection_pipelining
options:
  become_success_timeout:
    description: Seconds until privilege escalation has to be done.
    type: int
    default: 10
  become_strip_preamble:
    description: Leave out what privilege escalation says.
    type: bool
    default: true
"""


class Connection(Local):
    transport = "elsewhere"
