# SPDX-License-Identifier: GPL-3.0-or-later
"""What Railway is asked, in GraphQL; names of operations are those that records and messages show."""
from __future__ import annotations

from collections.abc import Iterable

DEPLOYMENT = "id status createdAt statusUpdatedAt canRollback deploymentStopped snapshotId meta"

WHERE = "query where { projectToken { projectId environmentId } }"

SERVING = f"""query serving($environmentId: String!, $serviceId: String!) {{
  serviceInstance(environmentId: $environmentId, serviceId: $serviceId) {{ activeDeployments {{ {DEPLOYMENT} }} }}
}}"""

DEPLOYMENTS = f"""query deployments(
  $projectId: String!, $environmentId: String!, $serviceId: String!, $status: DeploymentStatusInput, $first: Int, $after: String
) {{
  serviceInstance(environmentId: $environmentId, serviceId: $serviceId) {{ activeDeployments {{ id }} }}
  deployments(
    input: {{ projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, status: $status }}
    first: $first
    after: $after
  ) {{
    edges {{ node {{ {DEPLOYMENT} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}"""

DEPLOYMENT_AND_SERVING = f"""query deployment($environmentId: String!, $serviceId: String!, $id: String!) {{
  deployment(id: $id) {{ {DEPLOYMENT} }}
  serviceInstance(environmentId: $environmentId, serviceId: $serviceId) {{ activeDeployments {{ id }} }}
}}"""

ROLLBACK = "mutation deploymentRollback($id: String!) { deploymentRollback(id: $id) }"

CANCEL = "mutation deploymentCancel($id: String!) { deploymentCancel(id: $id) }"

AUTO_DEPLOY = """query autoDeploy($projectId: String!, $environmentId: String!, $serviceId: String!) {
  serviceInstanceAutoDeployStatus(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId) { enabled }
}"""

SET_AUTO_DEPLOY = """mutation serviceInstanceAutoDeployUpdate(
  $projectId: String!, $environmentId: String!, $serviceId: String!, $enabled: Boolean!
) {
  serviceInstanceAutoDeployUpdate(
    input: { projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, enabled: $enabled }
  ) { enabled }
}"""

PURGE_CACHE = """mutation purgeServiceCache($environmentId: String!, $serviceId: String!, $scope: PurgeCacheScope!) {
  purgeServiceCache(input: { environmentId: $environmentId, serviceId: $serviceId, scope: $scope })
}"""

BUILD_LOGS = """query buildLogs($id: String!, $limit: Int) {
  buildLogs(deploymentId: $id, limit: $limit) { timestamp severity message }
}"""

DEPLOYMENT_LOGS = """query deploymentLogs($id: String!, $limit: Int, $startDate: DateTime, $endDate: DateTime) {
  deploymentLogs(deploymentId: $id, limit: $limit, startDate: $startDate, endDate: $endDate) { timestamp severity message }
}"""

STORY = """query story($id: String!) {
  deploymentEvents(id: $id, first: 50) { edges { node { step createdAt completedAt payload { error reason detail attempt } } } }
  deployment(id: $id) { status statusUpdatedAt diagnosis meta }
}"""


VARIABLES = """query variables($projectId: String!, $environmentId: String!, $serviceId: String!) {
  variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, unrendered: true)
  variablesForServiceDeployment(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId)
}"""

SEALED = """query sealed($environmentId: String!) {
  environment(id: $environmentId) {
    variables(first: 500) { edges { node { name isSealed serviceId } } pageInfo { hasNextPage } }
  }
}"""

SNAPSHOT = "query snapshot($id: String!) { deploymentSnapshot(deploymentId: $id) { variables } }"

SET_VARIABLES = """mutation variableCollectionUpsert(
  $projectId: String!, $environmentId: String!, $serviceId: String!, $variables: EnvironmentVariables!, $replace: Boolean!
) {
  variableCollectionUpsert(input: {
    projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId
    variables: $variables, replace: $replace, skipDeploys: true
  })
}"""

REMOVE_VARIABLE = """mutation variableDelete($projectId: String!, $environmentId: String!, $serviceId: String!, $name: String!) {
  variableDelete(input: { projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId, name: $name })
}"""

REDEPLOY = f"""mutation deploymentRedeploy($id: String!) {{
  deploymentRedeploy(id: $id, usePreviousImageTag: true) {{ {DEPLOYMENT} }}
}}"""


CONDITION = f"""query condition($environmentId: String!, $serviceId: String!) {{
  serviceInstance(environmentId: $environmentId, serviceId: $serviceId) {{
    activeDeployments {{ {DEPLOYMENT} instances {{ id status }} }}
    numReplicas
    region
    edgeConfig {{ edgeRules }}
  }}
  environment(id: $environmentId) {{ config(decryptVariables: false) }}
}}"""

STOP = "mutation deploymentStop($id: String!) { deploymentStop(id: $id) }"

RESTART = "mutation deploymentRestart($id: String!) { deploymentRestart(id: $id) }"

PATCH = """mutation environmentPatchCommit($environmentId: String!, $patch: EnvironmentConfig!) {
  environmentPatchCommit(environmentId: $environmentId, patch: $patch, commitMessage: "Number of instances")
}"""

SET_EDGE_RULES = """mutation updateServiceEdgeRules($environmentId: String!, $serviceId: String!, $edgeRules: JSON) {
  updateServiceEdgeRules(input: { environmentId: $environmentId, serviceId: $serviceId, edgeRules: $edgeRules }) { edgeRules }
}"""


def events(of: Iterable[str]) -> str:
    """One document that asks for the events of several deployments, under C(e0), C(e1) and so on, with their ids as C($e0) …"""
    names = [f"e{number}" for number, _id in enumerate(of)]
    fields = (f"{name}: deploymentEvents(id: ${name}, first: 50) {{ ...steps }}" for name in names)
    return f"""query events({", ".join(f"${name}: String!" for name in names)}) {{ {" ".join(fields)} }}
fragment steps on QueryDeploymentEventsConnection {{ edges {{ node {{ step createdAt completedAt payload {{ error }} }} }} }}"""
