# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """With which keys encrypted dumps are read."""

    DOCUMENTATION = r"""
options:
  age_identity:
    description: A file with the private key of age that encrypted backups can be read with.
    type: path
  gpg_home:
    description: The directory with GnuPG's keyring. That of the user who runs the module, when it is not given.
    type: path
  gpg_passphrase:
    description:
      - The passphrase of the key in the keyring, or of a file that is encrypted with one. It goes to gpg through a pipe. Without it gpg's
        agent is asked.
      - Taken from E(LASTGOOD_GPG_PASSPHRASE) when it is not given.
    type: str
  scratch:
    description:
      - A directory for what has to be fetched or unwrapped first. It lies there meanwhile, in the clear, for its owner alone. The
        system's own for such things, when it is not given.
    type: path
"""
