# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """A distribution of CloudFront; C(history) adds where its earlier configurations are looked for."""

    DOCUMENTATION = r"""
options:
  distribution:
    description: Id of the distribution, such as V(E2QWRUHAPOMQZL).
    type: str
    required: true
    aliases: [distribution_id]
notes:
  - O(region) does not matter. CloudFront has none, and its functions, certificates and records are in C(us-east-1).
"""

    HISTORY = r"""
options:
  captures:
    description:
      - The directory that M(lastgood.recovery.cloudfront_config_info) captures into, from which is read what the distribution had and when.
      - On the controller encrypted files are read with the vault secrets of the run.
    type: path
  aws_config:
    description:
      - Whether what AWS Config recorded is read instead. It records only from when it was switched on, in C(us-east-1).
      - Its writing is converted, and refused where it cannot be, or where it writes the live configuration otherwise than CloudFront does.
    type: bool
    default: false
"""
