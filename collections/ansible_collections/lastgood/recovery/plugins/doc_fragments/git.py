# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a branch of a Git repository; C(author) has who signs what is committed to it."""

    DOCUMENTATION = r"""
options:
  repository:
    description:
      - Address of the repository, or the path of a work tree or of a bare repository on the machine the module runs on.
      - With an address nothing is needed on that machine but Git; commits are fetched into a private copy that is gone afterwards.
      - In a work tree its own remote and credentials are used. It is refused when it has uncommitted changes or commits that the remote
        does not have, and follows the branch after a rollback when it is on it.
      - An address with a password is refused; use O(token).
    type: str
    required: true
  branch:
    description: The branch that production follows.
    type: str
    default: main
  remote:
    description: In a work tree, the name of the remote.
    type: str
    default: origin
  tags:
    description: Only commits with a tag that matches this pattern are good releases, for example V(*-stable). Without it every commit is.
    type: str
  token:
    description:
      - Token for a repository reached over HTTPS, such as a fine-grained access token that may write contents.
      - Taken from E(GIT_TOKEN) when it is not given. It is sent to the repository's host only. Without it Git uses its own credentials.
    type: str
  token_user:
    description: The user name that goes with O(token); GitHub and GitLab take any, Bitbucket wants V(x-token-auth).
    type: str
    default: x-access-token
"""

    AUTHOR = r"""
options:
  author_name:
    description: Name of the author and committer of what is pushed; that of Git's configuration when it is not given.
    type: str
  author_email:
    description: The e-mail address that goes with O(author_name).
    type: str
"""
