# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How to reach a PostgreSQL database."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Address of the database, such as V(postgresql://shop@db.example.com:5432/shop). Parameters that only some libraries know, such as
        Prisma's C(schema), are left alone.
      - Taken from E(DATABASE_URL) when it is not given.
    type: str
  login_host:
    description: Host of the server, in place of that in O(url).
    type: str
    aliases: [host]
  login_port:
    description: Port of the server, in place of that in O(url).
    type: int
    aliases: [port]
  login_user:
    description: Role to connect as, in place of that in O(url).
    type: str
    aliases: [user]
  login_password:
    description: Its password, in place of that in O(url).
    type: str
  login_db:
    description: The database, in place of that in O(url).
    type: str
    aliases: [db]
  ssl_mode:
    description: Whether the connection has to be encrypted, and the server to prove who it is, in place of that in O(url).
    type: str
    choices: [disable, allow, prefer, require, verify-ca, verify-full]
  ca_cert:
    description: File with the certificate that the server's own has to be signed with.
    type: path
  maintenance_db:
    description: Another database of the server, connected to where the database itself cannot be.
    type: str
    default: postgres
notes:
  - A pooler in transaction mode (PgBouncer, a C(-pooler) host) is no place for this; use the direct address of the database.
"""
