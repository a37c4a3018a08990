# SPDX-License-Identifier: GPL-3.0-or-later
"""What Railway is asked about databases, in GraphQL."""
from __future__ import annotations

LOOK = """query database($projectId: String!, $environmentId: String!) {
  project(id: $projectId) { services(first: 500) { edges { node { id name createdAt } } } }
  environment(id: $environmentId) {
    config(decryptVariables: false)
    volumeInstances(first: 500) { edges { node { id volumeId serviceId state createdAt isPendingDeletion volume { name } } } }
  }
  environmentStagedChanges(environmentId: $environmentId) { patch(decryptVariables: false) }
}"""

BACKUPS = """query backups($volume: String!) {
  volumeInstanceBackupList(volumeInstanceId: $volume) { id name createdAt usedMB }
}"""

WORKFLOW = "query workflow($id: String!) { workflowStatus(workflowId: $id) { status error } }"

BACK_UP = """mutation volumeInstanceBackupCreate($volume: String!, $name: String!) {
  volumeInstanceBackupCreate(volumeInstanceId: $volume, name: $name) { workflowId }
}"""

RESTORE = """mutation volumeInstanceBackupRestore($volume: String!, $backup: String!) {
  volumeInstanceBackupRestore(volumeInstanceId: $volume, volumeInstanceBackupId: $backup) { workflowId }
}"""

RECOVER = """mutation volumeInstancePITRRestore($volume: String!, $at: DateTime!, $name: String!) {
  volumeInstancePITRRestore(volumeInstanceId: $volume, targetTimestamp: $at, newServiceName: $name) { workflowId }
}"""

COMMIT = """mutation environmentPatchCommitStaged($environmentId: String!) {
  environmentPatchCommitStaged(environmentId: $environmentId, skipDeploys: false, commitMessage: "A volume from a backup")
}"""

MOUNT = """mutation volumeInstanceUpdate($environmentId: String!, $volume: String!, $service: String) {
  volumeInstanceUpdate(environmentId: $environmentId, volumeId: $volume, input: { serviceId: $service })
}"""

NAME_VOLUME = """mutation volumeUpdate($volume: String!, $name: String!) {
  volumeUpdate(volumeId: $volume, input: { name: $name }) { id }
}"""

NAME_SERVICE = """mutation serviceUpdate($service: String!, $name: String!) {
  serviceUpdate(id: $service, input: { name: $name }) { id }
}"""

REMOVE_SERVICE = """mutation serviceDelete($environmentId: String!, $service: String!) {
  serviceDelete(environmentId: $environmentId, id: $service)
}"""
