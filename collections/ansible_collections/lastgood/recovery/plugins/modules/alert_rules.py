#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: alert_rules
short_description: Writes the inventory's alerts as rules of Prometheus
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Each of O(alerts) becomes an alerting rule of the same name, limit and duration, with the labels C(environment) and
    C(lastgood=respond), by which Alertmanager can send it on.
  - Health checks are taken from C(probe_success) of the blackbox exporter, whose label C(instance) has to be the address.
options:
  environment_name:
    description: The environment, a label of each rule.
    type: str
    required: true
  dest:
    description: The file.
    type: path
    required: true
  window:
    description: Seconds over which rates and percentages are taken.
    type: float
    default: 60
  probe:
    description: How often health checks are asked, in seconds.
    type: float
    default: 15
  faster:
    description: How many seconds of the rules pass in one second, as in M(lastgood.recovery.detect).
    type: float
    default: 1
seealso:
  - module: lastgood.recovery.detect
  - module: lastgood.recovery.trigger_begin
extends_documentation_fragment:
  - lastgood.recovery.alerts
  - lastgood.recovery.attributes
"""

EXAMPLES = r"""
- name: Write the rules
  lastgood.recovery.alert_rules:
    environment_name: production
    dest: /etc/prometheus/rules/lastgood.rules.yml
    alerts: "{{ alerts }}"
"""

RETURN = r"""
summary:
  description: How many rules there are, and where.
  returned: success
  type: str
  sample: 6 rules in /etc/prometheus/rules/lastgood.rules.yml
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.alerts.rules_file import RULES
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module


def main() -> None:
    run_as_module(RULES)


if __name__ == "__main__":
    main()
