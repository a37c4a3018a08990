# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """What an exercise goes through, and who signs."""

    DOCUMENTATION = r"""
options:
  exercise:
    description: What an exercise goes through, and who signs for it.
    type: dict
    required: true
    suboptions:
      levels:
        description: By level the failures that may be drilled. One of each is chosen by chance.
        type: dict
        suboptions:
          flag:
            description: Level 1, a feature flag.
            type: list
            elements: str
          configuration:
            description: Level 2, variables.
            type: list
            elements: str
          release:
            description: Level 3, releases.
            type: list
            elements: str
          database:
            description: Level 4, the restoration of a backup.
            type: list
            elements: str
          disaster:
            description: Level 5, disaster recovery.
            type: list
            elements: str
      left_out:
        description: By level why there is no drill of it. Without a reason every level needs a failure.
        type: dict
        suboptions:
          flag:
            description: Why level 1 is left out.
            type: str
          configuration:
            description: Why level 2 is left out.
            type: str
          release:
            description: Why level 3 is left out.
            type: str
          database:
            description: Why level 4 is left out.
            type: str
          disaster:
            description: Why level 5 is left out.
            type: str
          communication:
            description: Why nobody is told anything.
            type: str
      communication:
        description: The drill during which messages are delivered.
        type: dict
        suboptions:
          failure:
            description: What breaks.
            type: str
            required: true
      key:
        description: The key to sign with, if O(key) does not say another one.
        type: path
      signer:
        description: Whose key it is by O(exercise.signers). The one whose key is listed there, if not given.
        type: str
      signers:
        description: The C(allowed_signers) file of C(ssh-keygen) that signatures are verified by.
        type: path
      revoked:
        description: Keys that no longer count, as C(ssh-keygen) reads them.
        type: path
  key:
    description: The private key to sign with, or the public half of one that an agent or a FIDO2 token has.
    type: path
  unsigned:
    description: Whether it goes on without a signature. The evidence says so in its title.
    type: bool
    default: false
"""
