# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    """A database at whatever place the inventory names."""

    DOCUMENTATION = r"""
options:
  provider:
    description: V(postgres) for a server of one's own, or the vendor that manages the database.
    type: str
    required: true
    choices: [heroku, neon, postgres, railway, rds, render]
  options:
    description:
      - How to reach the database there, with the options of the vendor's own module, or of M(lastgood.recovery.postgres_restore).
      - What is left out is taken from the same environment variables as there.
    type: dict
    default: {}
    suboptions:
      access_key:
        description: See P(lastgood.recovery.rds_instance#module).
        type: str
      api_key:
        description: See P(lastgood.recovery.heroku_postgres#module) and P(lastgood.recovery.neon_branch#module).
        type: str
      api_token:
        description: See P(lastgood.recovery.railway_backup#module).
        type: str
      api_url:
        description: See P(lastgood.recovery.heroku_postgres#module) and P(lastgood.recovery.neon_branch#module).
        type: str
      app:
        description: See P(lastgood.recovery.heroku_postgres#module).
        type: str
      attachment:
        description: See P(lastgood.recovery.heroku_postgres#module).
        type: str
      branch:
        description: See P(lastgood.recovery.neon_branch#module).
        type: str
      ca_cert:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: path
      clients:
        description: See P(lastgood.recovery.railway_backup#module).
        type: list
        elements: str
      create_roles:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: bool
      data_url:
        description: See P(lastgood.recovery.heroku_postgres#module).
        type: str
      database:
        description: See P(lastgood.recovery.neon_branch#module).
        type: str
      db_instance_identifier:
        description: See P(lastgood.recovery.rds_instance#module).
        type: str
      emergency_backup:
        description: See P(lastgood.recovery.railway_backup#module).
        type: bool
      end_timeout:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: float
      endpoint_url:
        description: See P(lastgood.recovery.rds_instance#module).
        type: str
      environment:
        description: See P(lastgood.recovery.railway_backup#module).
        type: str
      export:
        description: See P(lastgood.recovery.render_postgres#module).
        type: bool
      free_space:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: int
      from_database:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      health_query:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      health_timeout:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: float
      login_db:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      login_host:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      login_password:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      login_port:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: int
      login_user:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      maintenance_db:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      no_owner:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: bool
      pause_timeout:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: float
      pgbackrest_config:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: path
      pgbackrest_stanza:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      pgbouncer_database:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      pgbouncer_url:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      postgres:
        description: See P(lastgood.recovery.render_postgres#module).
        type: str
      profile:
        description: See P(lastgood.recovery.rds_instance#module).
        type: str
      project:
        description: See P(lastgood.recovery.neon_branch#module) and P(lastgood.recovery.railway_backup#module).
        type: str
      region:
        description: See P(lastgood.recovery.rds_instance#module).
        type: str
      role:
        description: See P(lastgood.recovery.neon_branch#module).
        type: str
      secret_key:
        description: See P(lastgood.recovery.rds_instance#module).
        type: str
      sequence_margin:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: int
      service:
        description: See P(lastgood.recovery.railway_backup#module).
        type: str
      services:
        description: See P(lastgood.recovery.render_postgres#module).
        type: list
        elements: str
      session_role:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      session_token:
        description: See P(lastgood.recovery.rds_instance#module).
        type: str
      ssl_mode:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      token:
        description: See P(lastgood.recovery.railway_backup#module).
        type: str
      url:
        description: See P(lastgood.recovery.rds_instance#module) and P(lastgood.recovery.postgres_restore#module).
        type: str
      with_slots:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: bool
  backups:
    description:
      - Where its backups are, and how they are written and read. A vendor that manages the database has its own; given all the same,
        a dump of what serves goes there before anything is changed.
    type: dict
    default: {}
    suboptions:
      access_key:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: str
      age_identity:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: path
      age_recipients:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: list
        elements: str
      bin_dir:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: path
      destination:
        description: Where backups are, a directory or an S3 address. Restores take the newest one there from before the moment.
        type: path
      emergency:
        description: Where what is saved before a restore goes; C(emergency) below C(destination) when it is not given.
        type: path
      endpoint_url:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: str
      gpg_home:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: path
      gpg_passphrase:
        description: See P(lastgood.recovery.postgres_restore#module).
        type: str
      gpg_recipients:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: list
        elements: str
      jobs:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: int
      profile:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: str
      region:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: str
      scratch:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: path
      secret_key:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: str
      session_token:
        description: See P(lastgood.recovery.postgres_backup#module).
        type: str
"""
