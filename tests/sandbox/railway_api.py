"""Railway's GraphQL for tests, every document judged by the vendor's published schema where that is at hand."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import requests
from graphql import GraphQLSchema, build_client_schema, parse, validate

from sandbox.client import Client
from sandbox.railway.access import PROJECT_TOKEN
from sandbox.railway.seed import PRODUCTION, PROJECT, STOCK
from tests.sandbox.spec import SPECS

FILE = SPECS / "railway" / "introspection-2026-08-08.json"
PLACE = {"environmentId": PRODUCTION, "projectId": PROJECT, "serviceId": STOCK}
ROW = "id status createdAt statusUpdatedAt canRollback deploymentStopped meta"
LIST = f"query($input: DeploymentListInput!) {{ deployments(first: 50, input: $input) {{ edges {{ node {{ {ROW} }} }} }} }}"


@cache
def published() -> GraphQLSchema:
    """The vendor's own schema; raises FileNotFoundError where it is missing."""
    described = json.loads(FILE.read_text())
    return build_client_schema(described.get("data", described), assume_valid=True)


def judge(document: str) -> None:
    """Fail when the vendor would refuse the document; without its schema nothing is judged."""
    if FILE.exists():
        problems = validate(published(), parse(document))
        assert not problems, f"{problems[0].message} in {document}"


class Railway:
    """The API of one sandbox, asked with one token."""

    def __init__(self, box: Client, token: str = PROJECT_TOKEN, header: str = "Project-Access-Token") -> None:
        self.url = f"{box.vendor_url('railway')}/graphql/v2"
        self.headers = {header: token}

    def call(self, document: str, **variables: Any) -> requests.Response:
        judge(document)
        body = {"query": document, "variables": variables}
        return requests.post(self.url, json=body, headers=self.headers, timeout=10)

    def data(self, document: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.call(document, **variables)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def refused(self, document: str, **variables: Any) -> str:
        """The first message of an answer with errors; its status is 200 all the same."""
        answer = self.call(document, **variables)
        assert answer.status_code == 200
        message: str = answer.json()["errors"][0]["message"]
        return message

    def deployments(self, **wanted: Any) -> list[Any]:
        """Rows of the service in production, newest first."""
        edges = self.data(LIST, input={**PLACE, **wanted})["deployments"]["edges"]
        return [edge["node"] for edge in edges]

    def deployment(self, id: str) -> Any:
        return self.data(f"query($id: String!) {{ deployment(id: $id) {{ {ROW} instances {{ id status }} }} }}", id=id)["deployment"]

    def do(self, mutation: str, id: str) -> Any:
        """One of the mutations that take a deployment: C(do("deploymentStop", id))."""
        return self.data(f"mutation($id: String!) {{ {mutation}(id: $id) }}", id=id)[mutation]

    def change(self, mutation: str, kind: str, answer: str = "", **given: Any) -> Any:
        """One of the mutations that take an C(input) of that kind; the ids of the place are in it."""
        return self.data(f"mutation($input: {kind}!) {{ {mutation}(input: $input) {answer} }}", input=given)[mutation]
