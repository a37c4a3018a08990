"""Configurations of CloudFront: compared by what they mean, read back from AWS Config's writing, and never sent half understood."""

from __future__ import annotations

import random
import re
from typing import Any

import botocore.session
import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.cloudfront import comparison, overlooked, recorded
from ansible_collections.lastgood.recovery.plugins.module_utils.errors import NotRestorable
from hypothesis import given, settings
from hypothesis import strategies as st

SHAPE = botocore.session.get_session().get_service_model("cloudfront").shape_for("DistributionConfig")
ORDERED = ("CacheBehaviorList", "OriginGroupMemberList")


def values(shape: Any) -> st.SearchStrategy[Any]:
    """Whatever CloudFront's description allows, as GetDistribution would show it."""
    if shape.type_name == "structure":
        required = {name: values(member) for name, member in shape.members.items() if name in shape.required_members}
        optional = {name: values(member) for name, member in shape.members.items() if name not in shape.required_members}
        made = st.fixed_dictionaries(required, optional=optional)
        return made.map(_counted) if "Quantity" in shape.members else made
    if shape.type_name == "list":
        return st.lists(values(shape.member), max_size=2, unique_by=repr)
    if shape.type_name == "boolean":
        return st.booleans()
    if shape.type_name in ("integer", "long"):
        return st.integers(1, 9)
    return st.text("abAB-/", min_size=1, max_size=6)


def _counted(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "Quantity": len(found.get("Items", []))}


CONFIGS = st.deferred(lambda: values(SHAPE))
QUICK = settings(max_examples=100, deadline=None)


def shuffled(value: Any, shape: Any, order: random.Random) -> Any:
    if shape.type_name == "structure":
        return {name: shuffled(inside, shape.members[name], order) for name, inside in value.items()}
    if shape.type_name == "list":
        found = [shuffled(one, shape.member, order) for one in value]
        if shape.name not in ORDERED:
            order.shuffle(found)
        return found
    return value


def lower(value: Any) -> Any:
    """As AWS Config writes it."""
    if isinstance(value, dict):
        return {re.sub("^[A-Z]+", lambda found: found[0].lower(), name): lower(inside) for name, inside in value.items()}
    return [lower(one) for one in value] if isinstance(value, list) else value


@QUICK
@given(CONFIGS, st.randoms(use_true_random=False))
def test_order_does_not_matter(config: dict[str, Any], order: random.Random) -> None:
    assert comparison.same(config, shuffled(config, SHAPE, order))


@QUICK
@given(CONFIGS, CONFIGS)
def test_a_difference_is_shown_on_both_sides_or_there_is_none(one: dict[str, Any], other: dict[str, Any]) -> None:
    shown = comparison.differences(one, other, b"key")
    assert shown["before"].keys() == shown["after"].keys()
    assert bool(shown["after"]) is not comparison.same(one, other)


@QUICK
@given(CONFIGS)
def test_what_aws_config_writes_is_read_back_as_it_was(config: dict[str, Any]) -> None:
    assert recorded.converted(lower(config), SHAPE) == config


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"newThing": 1}, "DistributionConfig.newThing, which"),
        ({"enabled": "perhaps"}, "DistributionConfig.Enabled in a form"),
        ({"comment": None}, "does not hold DistributionConfig.Comment"),
        ({"aliases": {"quantity": 2, "items": ["a"]}}, "DistributionConfig.Aliases incompletely"),
        ({"origins": ["storefront"]}, "DistributionConfig.Origins in a form"),
    ],
)
def test_what_has_no_equal_is_refused(change: dict[str, Any], words: str) -> None:
    behaviour = {"targetOriginId": "a", "viewerProtocolPolicy": "allow-all"}
    written = {"callerReference": "a", "comment": "", "enabled": True, "defaultCacheBehavior": behaviour}
    origins = {"quantity": 1, "items": [{"id": "a", "domainName": "a.test"}]}
    assert recorded.converted({**written, "origins": origins}, SHAPE)["Origins"]["Items"][0]["DomainName"] == "a.test"
    with pytest.raises(NotRestorable, match=re.escape(words)):
        recorded.converted({**written, "origins": origins, **change}, SHAPE)


def test_the_order_of_behaviours_and_of_members_matters() -> None:
    behaviours = {"CacheBehaviors": {"Quantity": 2, "Items": [{"PathPattern": "/a"}, {"PathPattern": "/*"}]}}
    turned = {"CacheBehaviors": {"Quantity": 2, "Items": [{"PathPattern": "/*"}, {"PathPattern": "/a"}]}}
    assert comparison.differences(behaviours, turned, b"")["after"] == {"CacheBehaviors in order": ["/*", "/a"]}
    group = {"Id": "g", "Members": {"Quantity": 2, "Items": [{"OriginId": "a"}, {"OriginId": "b"}]}}
    other = {**group, "Members": {"Quantity": 2, "Items": [{"OriginId": "b"}, {"OriginId": "a"}]}}
    assert not comparison.same({"OriginGroups": {"Items": [group]}}, {"OriginGroups": {"Items": [other]}})


def test_what_is_off_is_as_if_it_were_not_there() -> None:
    assert comparison.same({"GrpcConfig": {"Enabled": False}, "WebACLId": "", "Aliases": {"Quantity": 0}}, {})
    assert not comparison.same({"GrpcConfig": {"Enabled": True}}, {})


def test_an_element_that_botocore_does_not_know_is_noticed() -> None:
    told = (
        b'<Distribution xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>E1</Id><DistributionConfig><Comment>a</Comment>'
        b"<Aliases><Quantity>1</Quantity><Items><CNAME>a.test</CNAME></Items></Aliases><NewThing>1</NewThing>"
        b"<DefaultCacheBehavior><TargetOriginId>a</TargetOriginId><Other><Deep/></Other></DefaultCacheBehavior>"
        b"</DistributionConfig></Distribution>"
    )
    assert overlooked.overlooked(told, SHAPE) == ("NewThing", "DefaultCacheBehavior.Other")
