"""A configuration is put back as it was told, with nobody's change lost, and it is done when every edge has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.aws.edge_bench import CONFIG, ID, Edge, Killed
from tests.vendor_proxy import Answer, Proxy, answering

HEADERS = {"Quantity": 1, "Items": [{"HeaderName": "x-from", "HeaderValue": "hush-hush-header"}]}


@pytest.fixture
def captured(edge: Edge, tmp_path: Path) -> str:
    path = str(tmp_path / "captured.json")
    assert edge.capture(save_to=path)["captured_in"] == path
    return path


def with_header(edge: Edge) -> dict[str, Any]:
    origins = edge.config()["Origins"]
    return {**origins, "Items": [{**origins["Items"][0], "CustomHeaders": HEADERS}, *origins["Items"][1:]]}


def test_it_is_put_back_once_and_is_what_was_told(edge: Edge, captured: str) -> None:
    before = edge.config()
    edge.change(Comment="Bad", Aliases={"Quantity": 0}, CacheBehaviors={"Quantity": 0})

    predicted = edge.run(CONFIG, check=True, recovery_point=captured)
    assert edge.calls == []
    done = edge.run(CONFIG, recovery_point=captured)

    assert done["changed"], done
    assert predicted["diff"] == done["diff"]
    assert done["diff"]["before"]["Comment"] == "Bad"
    assert edge.config() == before
    again = edge.run(CONFIG, recovery_point=captured)
    assert (again["changed"], edge.calls) == (False, [])


def test_order_matters_only_where_cloudfront_says_so(edge: Edge, captured: str) -> None:
    config = edge.config()
    edge.change(Origins={**config["Origins"], "Items": config["Origins"]["Items"][::-1]})
    assert edge.run(CONFIG, recovery_point=captured)["changed"] is False

    edge.change(CacheBehaviors={**config["CacheBehaviors"], "Items": config["CacheBehaviors"]["Items"][::-1]})
    assert edge.run(CONFIG, recovery_point=captured)["different"] == ["CacheBehaviors in order"]


def test_what_belongs_to_the_distribution_stays(edge: Edge, captured: str) -> None:
    before = edge.config()
    content = edge.saved[captured]
    content["config"] |= {"CallerReference": "of another life", "Staging": True, "Comment": "Good"}
    edge._save(captured, content)

    assert edge.run(CONFIG, recovery_point=captured)["changed"]
    assert edge.config() == {**before, "Comment": "Good"}


def test_a_lost_race_says_what_changed_and_sends_nothing_more(edge: Edge, captured: str) -> None:
    edge.change(Comment="Bad")
    edge.meanwhile = lambda: edge.change(DefaultRootObject="index.html")

    result = edge.run(CONFIG, recovery_point=captured)

    assert (result["failed"], result["error"]) == (True, "Conflict")
    assert result["meanwhile"] == {"before": {"DefaultRootObject": "absent"}, "after": {"DefaultRootObject": "index.html"}}
    assert (edge.config()["Comment"], edge.config()["DefaultRootObject"]) == ("Bad", "index.html")
    assert edge.run(CONFIG, recovery_point=captured)["changed"]
    assert edge.config()["DefaultRootObject"] == ""


def test_who_is_told_to_overrules(edge: Edge, captured: str) -> None:
    edge.change(Comment="Bad")
    edge.meanwhile = lambda: edge.change(DefaultRootObject="index.html")

    assert edge.run(CONFIG, recovery_point=captured, force=True)["changed"]
    assert (edge.config()["Comment"], edge.config()["DefaultRootObject"]) == ("Rachel Foods", "")


def test_two_who_want_the_same_both_get_it(edge: Edge, captured: str) -> None:
    edge.change(Comment="Bad")
    edge.meanwhile = lambda: Edge(edge.box).run(CONFIG, recovery_point=captured)

    result = edge.run(CONFIG, recovery_point=captured)

    assert "failed" not in result, result
    assert edge.config()["Comment"] == "Rachel Foods"


def test_a_plan_is_only_carried_out_on_what_it_was_made_for(edge: Edge, captured: str) -> None:
    edge.change(Comment="Bad")
    planned = edge.run(CONFIG, check=True, recovery_point=captured)["etag"]
    edge.change(Comment="Worse")

    result = edge.run(CONFIG, recovery_point=captured, etag=planned)

    assert (result["error"], edge.calls) == ("Conflict", [])
    assert "nothing was changed" in result["msg"]
    assert result["diff"]["before"] == {"Comment": "Worse"}
    assert edge.run(CONFIG, recovery_point=captured, etag=result["etag"])["changed"]


@pytest.mark.parametrize(
    ("where", "value", "words"),
    [
        ("CachePolicyId", "1f2e3d4c-0000-4000-8000-000000000000", "CachePolicyId 1f2e3d4c-0000-4000-8000-000000000000 is not there"),
        ("ResponseHeadersPolicyId", "1f2e3d4c-0000-4000-8000-000000000000", "ResponseHeadersPolicyId"),
        ("TargetOriginId", "gone", "the origin gone is not in the configuration"),
        (
            "LambdaFunctionAssociations",
            {"Quantity": 1, "Items": [{"LambdaFunctionARN": "ARN:99", "EventType": "origin-response"}]},
            "security-headers:99 is not there",
        ),
        (
            "LambdaFunctionAssociations",
            {"Quantity": 1, "Items": [{"LambdaFunctionARN": "ARN:$LATEST", "EventType": "origin-response"}]},
            "names no numbered version",
        ),
    ],
)
def test_what_is_gone_is_known_before_anything_is_sent(edge: Edge, captured: str, where: str, value: Any, words: str) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:security-headers"
    for item in value["Items"] if isinstance(value, dict) else []:
        item["LambdaFunctionARN"] = item["LambdaFunctionARN"].replace("ARN", arn)
    content = edge.saved[captured]
    content["config"]["DefaultCacheBehavior"][where] = value
    edge._save(captured, content)
    before = edge.etag()

    result = edge.run(CONFIG, recovery_point=captured)

    assert (result["error"], edge.calls, edge.etag()) == ("NotRestorable", [], before)
    assert words in " ".join(result["gone"])


def test_it_waits_for_every_edge_and_a_second_run_waits_on(edge: Edge, captured: str) -> None:
    edge.change(Comment="Bad")
    edge.box.control("stuck", target="SIN2-C1")

    late = edge.run(CONFIG, recovery_point=captured, timeout=0.2)
    assert late["error"] == "TimedOut"
    again = edge.run(CONFIG, recovery_point=captured, timeout=0.2)
    assert (again["error"], edge.calls) == ("TimedOut", [])

    edge.box.control("stuck", target="SIN2-C1", on=False)
    assert edge.run(CONFIG, recovery_point=captured)["changed"] is False


@pytest.mark.parametrize("moment", ["call", "answer"])
def test_a_run_that_was_cut_off_is_seen_through(edge: Edge, captured: str, moment: str) -> None:
    before = edge.config()
    edge.change(Comment="Bad")
    with pytest.raises(Killed):
        edge.cut_off(CONFIG, moment, recovery_point=captured)
    assert "failed" not in edge.run(CONFIG, recovery_point=captured)
    assert edge.config() == before


@pytest.mark.parametrize("heard", [True, False])
def test_a_lost_answer_is_read_back(edge: Edge, captured: str, heard: bool) -> None:
    edge.change(Comment="Bad")
    disturb = answering(Answer(502), to=lambda call: call.method == "PUT", times=1, heard=heard)
    with Proxy(edge.box.aws_url, disturb) as proxy:
        edge.url = proxy.url
        result = edge.run(CONFIG, recovery_point=captured)

    assert result["changed"], result
    assert "failed" not in result, result
    assert edge.config()["Comment"] == "Rachel Foods"
    assert edge.calls == ["UpdateDistribution"] * (1 if heard else 2)


def test_secrets_of_origins_are_never_shown(edge: Edge, captured: str) -> None:
    edge.change(Origins=with_header(edge))

    results = [edge.capture(), edge.run(CONFIG, check=True, recovery_point=captured), edge.run(CONFIG, recovery_point=captured)]

    assert results[1]["diff"]["before"]["Origins[storefront].CustomHeaders[x-from].HeaderValue"]
    assert "hush-hush" not in str([results, edge.told])


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ({"status": 403, "code": "AccessDenied", "message": "no"}, "NotAuthorised", "cloudfront:GetDistribution"),
        ({"status": 403, "code": "InvalidClientTokenId", "message": "no"}, "NotAuthorised", "Check access_key"),
    ],
)
def test_who_may_not_is_told_so(edge: Edge, captured: str, fault: dict[str, Any], error: str, words: str) -> None:
    edge.box.control("aws_fault", service="cloudfront", call="GET", times=9, **fault)
    result = edge.run(CONFIG, recovery_point=captured)
    assert (result["error"], edge.calls) == (error, [])
    assert words in result["msg"]
    assert "nothing was changed" in result["msg"]


def test_another_distribution_is_refused(edge: Edge, captured: str) -> None:
    assert edge.run(CONFIG, recovery_point=captured, distribution="E1GONE")["error"] == "NotFound"
    content = edge.saved[captured] | {"distribution": "E2OTHER"}
    edge._save(captured, content)
    assert "not from " + ID in edge.run(CONFIG, recovery_point=captured)["msg"]
    assert edge.run(CONFIG, recovery_point=captured, reach={"cloudfront": ["E2OTHER"]})["error"] == "OutOfReach"
