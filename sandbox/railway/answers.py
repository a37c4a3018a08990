"""GraphQL: a document is checked against the schema and executed; what goes wrong is said with HTTP 200."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, build_schema, execute_sync, parse, validate

from sandbox.emulator import Call, Refusal, Reply
from sandbox.railway import access, configuration, deployments, edge, instances, logs, places, staged, variables, volumes
from sandbox.state import Row

if TYPE_CHECKING:
    from sandbox.railway import Railway

SCHEMA = build_schema((Path(__file__).parent / "schema.graphql").read_text())
# The vendor's own server answers with a status that its schema lacks (CANCELLED).
setattr(SCHEMA.type_map["DeploymentStatus"], "coerce_output_value", lambda status: status)  # noqa: B010

ROOTS: access.Resolvers = {
    **places.QUERIES,
    **places.MUTATIONS,
    **deployments.QUERIES,
    **deployments.MUTATIONS,
    **instances.QUERIES,
    **instances.MUTATIONS,
    **variables.QUERIES,
    **variables.MUTATIONS,
    **configuration.MUTATIONS,
    **edge.MUTATIONS,
    **logs.QUERIES,
    **volumes.QUERIES,
    **volumes.MUTATIONS,
    **staged.QUERIES,
    **staged.MUTATIONS,
}


def answer(railway: Railway, call: Call) -> Reply:
    """The vendor's answer to a POST of `{query, variables, operationName}`."""
    body = call.body if isinstance(call.body, dict) else {}
    if not isinstance(body.get("query"), str):
        raise Refusal(400, "Problem processing request")
    try:
        document = parse(body["query"])
    except GraphQLError as error:
        return Reply(400, {"errors": [error.formatted]})
    if errors := validate(SCHEMA, document):
        return Reply(400, {"errors": [error.formatted for error in errors]})
    roots = {name: partial(_resolve, railway, call, resolver) for name, resolver in ROOTS.items()}
    result = execute_sync(SCHEMA, document, roots, variable_values=body.get("variables"), operation_name=body.get("operationName"))
    said: Row = {"errors": [error.formatted for error in result.errors]} if result.errors else {}
    return Reply(200, {**said, "data": result.data})


def _resolve(railway: Railway, call: Call, resolver: Any, info: object, **given: Any) -> Any:
    return resolver(railway, access.caller(railway, call.headers), **given)
