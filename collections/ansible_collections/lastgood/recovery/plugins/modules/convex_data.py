#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: convex_data
short_description: Exports the data of a Convex deployment, and puts an export back
version_added: 0.1.0
author: lastgood contributors (@lastgood)
description:
  - Without O(source), O(good_at) and O(undo) all documents are exported, with a manifest beside the file.
  - With one of them, what there is is exported first and kept. Then what would be lost is told by table, and everything is replaced by
    what the export holds (C(convex import --replace-all)), which is all or nothing. It is exported once more, and each document compared.
  - When the deployment holds already what is wanted, nothing is imported.
  - Convex has no API for this. The vendor's own program does it, which needs Node.js.
  - Code, variables and scheduled functions are no part of an export. Put code back with M(lastgood.recovery.convex_release), since a schema
    that does not allow the documents makes an import fail.
options:
  destination:
    description: Folder with the exports of deployments, on the machine that runs the module. They hold the data itself, unencrypted.
    type: path
    required: true
  source:
    description: File of an export that is to be put back, made by this module, by the program, or in the dashboard.
    type: path
  good_at:
    description: Put back the newest export in O(destination) that was made until then, such as V(02:37); UTC.
    type: str
  undo:
    description: Put back what there was before the newest import from here. Asked for twice, it is done once.
    type: bool
  files:
    description: Whether stored files are exported, too. An import never removes files.
    type: bool
    default: true
  max_loss:
    description: Refuse when more seconds than this lie between what is put back and now, or when nobody knows how many do.
    type: float
  command:
    description: How the vendor's program is started. It finds the keys in its environment; no shell reads this.
    type: str
    default: npx --yes convex
  path:
    description: Folder of a project that has the program among its dependencies; an empty one is made when it is not given.
    type: path
  timeout:
    description: How many seconds each of the exports, and the import, may take.
    type: float
    default: 1800
requirements:
  - requests
  - Node.js with npm, or whatever O(command) names
notes:
  - Stop writers first. What is written between the export and the import is in neither.
extends_documentation_fragment:
  - lastgood.recovery.convex
  - lastgood.recovery.reach
  - lastgood.recovery.attributes
  - lastgood.recovery.attributes.changes
seealso:
  - module: lastgood.recovery.convex_release
"""

EXAMPLES = r"""
- name: Export before a release
  lastgood.recovery.convex_data:
    deployment: happy-animal-123
    destination: /var/backups/convex

- name: As it was at 02:37
  lastgood.recovery.convex_data:
    deployment: happy-animal-123
    destination: /var/backups/convex
    good_at: "02:37"

- name: As it was before that
  lastgood.recovery.convex_data:
    deployment: happy-animal-123
    destination: /var/backups/convex
    undo: true
"""

RETURN = r"""
export:
  description: The file that was written, or put back.
  returned: success
  type: str
  sample: /var/backups/convex/happy-animal-123-20261122t020000000000.zip
kept:
  description: The file with what there was before; null when nothing was imported.
  returned: success
  type: str
  sample: /var/backups/convex/happy-animal-123-20261122t094500000000.zip
loss:
  description: What of the present would be, or was, lost. Seconds, since when, and documents by table; null when nothing was to be done.
  returned: success
  type: dict
  sample: {seconds: 25680.0, since: "2026-11-22T02:37:00.000Z", documents: {bookings: {lost: 12, changed_back: 3, come_back: 140}}}
documents:
  description: How many documents the export has, by table.
  returned: success
  type: dict
  sample: {bookings: 1840, tables: 24}
notes:
  description: What others wrote meanwhile.
  returned: success
  type: list
  elements: str
  sample: []
waited:
  description: Seconds that it took.
  returned: success
  type: float
  sample: 41.7
hint:
  description: What to do next.
  returned: failure
  type: str
  sample: "Choose a newer export, or allow more with max_loss."
error:
  description: The kind of failure, a name from the tree in C(module_utils/errors.py).
  returned: failure
  type: str
  sample: BadBackup
"""

from ansible_collections.lastgood.recovery.plugins.module_utils.operation import run_as_module
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.convex.going_back import OPERATION


def main() -> None:
    run_as_module(OPERATION)


if __name__ == "__main__":
    main()
