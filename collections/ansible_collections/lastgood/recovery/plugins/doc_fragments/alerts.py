# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """When monitoring calls somebody."""

    DOCUMENTATION = r"""
options:
  alerts:
    description:
      - The rules. Each has O(alerts[].over) or O(alerts[].under), and one of O(alerts[].series), O(alerts[].query) and
        O(alerts[].health).
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What people call it. Each has a name of its own.
        type: str
        required: true
      series:
        description:
          - A selector, such as V(orders_total{result!="ok"}). On its own the highest of its newest values counts, for gauges such
            as used memory in percent.
        type: str
      of:
        description: A selector, of whose increase that of O(alerts[].series) is the percentage that counts.
        type: str
      quantile:
        description: Of the histogram whose buckets O(alerts[].series) selects, this quantile counts, such as V(0.95).
        type: float
      query:
        description: In place of these a query for Prometheus. C($window) in it is replaced.
        type: str
      health:
        description: Addresses of health checks. How often in a row one of them has failed counts.
        type: list
        elements: str
      over:
        description: It is bad over this.
        type: float
      under:
        description: It is bad under this.
        type: float
      unit:
        description: Written behind the figure.
        type: str
        default: ""
      for:
        description: Seconds that it has to be bad before it fires.
        type: float
        default: 0
      fact:
        description: What a policy calls it, such as V(error_rate). See M(lastgood.recovery.decision).
        type: str
      scenarios:
        description: What a policy calls what is seen when it is bad, such as V(checkout_broken).
        type: list
        elements: str
        default: []
"""
