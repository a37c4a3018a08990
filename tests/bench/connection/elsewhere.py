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
options: {}
"""


class Connection(Local):
    transport = "elsewhere"
