# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """Where incidents are kept."""

    DOCUMENTATION = r"""
options:
  store:
    description:
      - Where all incidents are, and recovery points beside them. A directory, V(file:/srv/incidents), or
        V(s3://BUCKET/PREFIX?region=eu-west-1). The credentials for S3 are those that any AWS program finds.
      - Taken from E(LASTGOOD_INCIDENTS) when it is not given.
    type: path
    default: incidents
"""
