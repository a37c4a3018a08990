"""The sandbox's schema is a part of the vendor's, and so is all that anybody here asks."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.providers.railway import database_documents, documents
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_required_argument,
    is_required_input_field,
    parse,
    validate,
)

from sandbox.railway.answers import ROOTS, SCHEMA
from tests.sandbox import railway_api

OURS = [type for name, type in SCHEMA.type_map.items() if not name.startswith("__")]
ASKED = {**vars(documents), **vars(database_documents)}
DOCUMENTS = [text for name, text in ASKED.items() if isinstance(text, str) and text.startswith(("query", "mutation"))]


@pytest.fixture
def published() -> GraphQLSchema:
    if not railway_api.FILE.exists():
        pytest.skip(f"{railway_api.FILE} is missing; set LASTGOOD_SPECS")
    return railway_api.published()


@pytest.mark.parametrize("ours", OURS, ids=str)
def test_every_type_is_the_vendors_with_fewer_fields_at_most(ours: GraphQLNamedType, published: GraphQLSchema) -> None:
    theirs: Any = published.type_map[ours.name]
    assert ours.__class__.__name__ == theirs.__class__.__name__
    if isinstance(ours, GraphQLEnumType):
        assert list(ours.values) == list(theirs.values)
    if isinstance(ours, GraphQLInputObjectType):
        for name, wanted in ours.fields.items():
            assert (str(wanted.type), wanted.default_value) == (str(theirs.fields[name].type), theirs.fields[name].default_value), name
        assert {name for name, field in theirs.fields.items() if is_required_input_field(field)} <= set(ours.fields)
    if isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
        assert {one.name for one in ours.interfaces} == {one.name for one in theirs.interfaces}
        for name, field in ours.fields.items():
            other = theirs.fields[name]
            assert (str(field.type), field.deprecation_reason) == (str(other.type), other.deprecation_reason), name
            for argument, given in field.args.items():
                same = other.args[argument]
                assert (str(given.type), given.default_value) == (str(same.type), same.default_value), f"{name}.{argument}"
            assert {one for one, argument in other.args.items() if is_required_argument(argument)} <= set(field.args), name


def test_every_field_of_the_schema_is_answered() -> None:
    assert SCHEMA.query_type
    assert SCHEMA.mutation_type
    assert set(ROOTS) == {*SCHEMA.query_type.fields, *SCHEMA.mutation_type.fields}


@pytest.mark.parametrize("document", [*DOCUMENTS, documents.events(["one", "another"])], ids=lambda text: text.split("(")[0].split("{")[0])
def test_what_the_modules_ask_is_valid_here_and_at_the_vendor(document: str, published: GraphQLSchema) -> None:
    for schema in (SCHEMA, published):
        assert not validate(schema, parse(document))


@pytest.mark.parametrize(
    "document",
    [
        'mutation { deploymentRollback(id: "x") { id status } }',
        "query { deployments(input: { status: { successfulOnly: true } }) { edges { cursor } } }",
    ],
)
def test_what_guides_say_and_the_vendor_refuses_is_refused_here(document: str, published: GraphQLSchema) -> None:
    for schema in (SCHEMA, published):
        assert validate(schema, parse(document))
