"""A version at the edge goes back to one that ran before: by what it runs, in every behaviour, with nobody's change lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils import cache, moment, rollback
from ansible_collections.lastgood.recovery.plugins.module_utils.any_vendor import ANY

from sandbox.aws.header_function import archive, code
from tests.aws.edge_bench import ID, KEYS, RELEASE, Edge, Killed, now
from tests.vendor_proxy import Answer, Proxy, answering

FUNCTION = "security-headers"
FRIDAY_WORDS = "A policy for scripts and styles"


@pytest.fixture
def broken(edge: Edge) -> Edge:
    """With a bad version 4 in every behaviour."""
    edge.box.ship(FUNCTION, "breaks-checkout")
    assert edge.running() == {f"{FUNCTION}:4"}
    return edge


def name(edge: Edge, version: int, pattern: str = "*") -> None:
    """What somebody else does: one behaviour gets another version."""
    config = edge.config()
    behaviours = {"*": config["DefaultCacheBehavior"]} | {one["PathPattern"]: one for one in config["CacheBehaviors"]["Items"]}
    association = behaviours[pattern]["LambdaFunctionAssociations"]["Items"][0]
    association["LambdaFunctionARN"] = association["LambdaFunctionARN"].rpartition(":")[0] + f":{version}"
    edge.change(DefaultCacheBehavior=config["DefaultCacheBehavior"], CacheBehaviors=config["CacheBehaviors"])


@pytest.mark.parametrize("wish", ["release", "good_at", "bad_at"])
def test_each_wish_is_predicted_granted_once_and_kept(edge: Edge, wish: str) -> None:
    before = {"release": f"{FUNCTION}:3", "good_at": now()}
    edge.box.ship(FUNCTION, "breaks-checkout")
    config = edge.config()
    wanted = {wish: {**before, "bad_at": now()}[wish]}

    predicted = edge.release(check=True, **wanted)
    assert (edge.calls, edge.running()) == ([], {f"{FUNCTION}:4"})
    done = edge.release(**wanted)

    assert done["changed"], done
    assert (predicted["to"]["id"], predicted["diff"]) == (f"{FUNCTION}:3", done["diff"])
    assert (edge.running(), edge.calls) == ({f"{FUNCTION}:3"}, ["UpdateDistribution"])
    changed = {key for key, value in edge.config().items() if value != config[key]}
    assert changed == {"DefaultCacheBehavior", "CacheBehaviors"}
    assert (edge.release(**wanted)["changed"], edge.calls) == (False, [])


def test_one_behaviour_alone(broken: Edge) -> None:
    assert broken.release(release=f"{FUNCTION}:3", path_pattern="/assets/*")["changed"]
    assert broken.running() == {f"{FUNCTION}:3", f"{FUNCTION}:4"}
    mixed = broken.release(release=f"{FUNCTION}:3", check=True)
    assert (mixed["changed"], mixed["from"]["state"]) == (True, "several at once")
    assert broken.release(bad_at=now())["to"]["id"] == f"{FUNCTION}:3"
    assert broken.running() == {f"{FUNCTION}:3"}
    assert broken.release(release=f"{FUNCTION}:2", path_pattern="*")["changed"]
    assert "/uploads/*" in broken.release(release=f"{FUNCTION}:2", path_pattern="/gone/*")["hint"]


def test_the_same_code_under_another_number_serves_already(broken: Edge) -> None:
    lambdas = broken.client("lambda")
    lambdas.update_function_code(FunctionName=FUNCTION, ZipFile=archive(code("good", FRIDAY_WORDS)))
    again = lambdas.publish_version(FunctionName=FUNCTION)["Version"]
    for pattern in ("*", "/assets/*", "/uploads/*"):
        name(broken, int(again), pattern)

    result = broken.release(release=f"{FUNCTION}:3")

    assert (result["changed"], broken.calls) == (False, [])


def test_the_same_code_with_another_handler_is_another_release(edge: Edge) -> None:
    lambdas = edge.client("lambda")
    lambdas.update_function_configuration(FunctionName=FUNCTION, MemorySize=256)
    version = lambdas.publish_version(FunctionName=FUNCTION)["Version"]
    for pattern in ("*", "/assets/*", "/uploads/*"):
        name(edge, int(version), pattern)

    assert edge.release(release=f"{FUNCTION}:3")["changed"]


def test_no_version_is_ever_deleted_or_published(broken: Edge) -> None:
    lambdas = broken.client("lambda")
    before = [row["Version"] for row in lambdas.list_versions_by_function(FunctionName=FUNCTION)["Versions"]]
    broken.release(release=f"{FUNCTION}:1")
    assert [row["Version"] for row in lambdas.list_versions_by_function(FunctionName=FUNCTION)["Versions"]] == before


def test_what_never_served_is_not_gone_back_to(edge: Edge) -> None:
    """Published and never named by a behaviour: without history it counts from when it was published, with history it does not."""
    lambdas = edge.client("lambda")
    lambdas.update_function_code(FunctionName=FUNCTION, ZipFile=archive(code("good", "never served")))
    lambdas.publish_version(FunctionName=FUNCTION)
    edge.box.ship(FUNCTION, "breaks-checkout")
    bad_at = now()

    assert edge.release(check=True, bad_at=bad_at)["to"]["id"] == f"{FUNCTION}:4"
    known = edge.release(check=True, bad_at=bad_at, aws_config=True)
    assert known["to"]["id"] == f"{FUNCTION}:3", known
    good = edge.release(check=True, good_at=moment.iso(datetime.now(UTC)), aws_config=True)
    assert good["to"]["id"] == f"{FUNCTION}:5"


def test_a_version_that_is_not_named_yet_does_not_serve(edge: Edge) -> None:
    lambdas = edge.client("lambda")
    lambdas.update_function_code(FunctionName=FUNCTION, ZipFile=archive(code("good", "next")))
    lambdas.publish_version(FunctionName=FUNCTION)
    assert edge.release(good_at=now())["changed"] is False


@pytest.mark.parametrize("known", [{}, {"aws_config": True}])
def test_a_release_looks_the_same_alone_and_in_a_list(broken: Edge, known: dict[str, Any]) -> None:
    result = broken.release(good_at=now(), **known)
    assert (result["changed"], result["from"]) == (False, result["to"])


@pytest.mark.parametrize("moment", ["call", "answer"])
def test_a_run_that_was_cut_off_is_seen_through(broken: Edge, moment: str) -> None:
    bad_at = now()
    broken.box.control("stuck", target="SIN2-C1")
    with pytest.raises(Killed):
        broken.cut_off(RELEASE, moment, event="origin-response", bad_at=bad_at)
    broken.box.control("stuck", target="SIN2-C1", on=False)
    assert "failed" not in broken.release(bad_at=bad_at)
    assert broken.running() == {f"{FUNCTION}:3"}
    assert (broken.release(bad_at=bad_at)["changed"], broken.calls) == (False, [])


def test_captures_know_what_served(edge: Edge, tmp_path: Path) -> None:
    assert edge.capture(captures=str(tmp_path))["captured_in"]
    edge.box.ship(FUNCTION, "breaks-checkout")
    result = edge.release(bad_at=now(), captures=str(tmp_path))
    assert result["to"]["id"] == f"{FUNCTION}:3", result
    assert edge.release(bad_at=now(), captures=str(tmp_path), check=True)["error"] == "NoGoodRelease"


def test_a_change_of_something_else_meanwhile_stays(broken: Edge) -> None:
    broken.meanwhile = lambda: broken.change(Comment="theirs")
    assert broken.release(release=f"{FUNCTION}:3")["changed"]
    assert (broken.config()["Comment"], broken.running()) == ("theirs", {f"{FUNCTION}:3"})


def test_two_who_want_the_same_both_get_it(broken: Edge) -> None:
    bad_at = now()
    broken.meanwhile = lambda: Edge(broken.box).release(bad_at=bad_at)
    result = broken.release(bad_at=bad_at)
    assert "failed" not in result, result
    assert broken.running() == {f"{FUNCTION}:3"}


def test_a_change_of_the_same_meanwhile_is_not_overruled(broken: Edge) -> None:
    broken.meanwhile = lambda: name(broken, 2)
    result = broken.release(release=f"{FUNCTION}:3")
    assert (result["error"], broken.running()) == ("Locked", {f"{FUNCTION}:2", f"{FUNCTION}:4"})
    assert broken.release(release=f"{FUNCTION}:3")["changed"]


@pytest.mark.parametrize("heard", [True, False])
def test_a_lost_answer_is_read_back(broken: Edge, heard: bool) -> None:
    disturb = answering(Answer(502), to=lambda call: call.method == "PUT", times=1, heard=heard)
    with Proxy(broken.box.aws_url, disturb) as proxy:
        broken.url = proxy.url
        assert broken.release(release=f"{FUNCTION}:3")["changed"]
    assert broken.running() == {f"{FUNCTION}:3"}
    assert len(broken.calls) == (1 if heard else 2)


def test_it_serves_only_when_every_edge_has_it(broken: Edge) -> None:
    broken.box.control("stuck", target="SIN2-C1")
    for _run in range(2):
        late = broken.release(release=f"{FUNCTION}:3", timeout=0.2)
        assert late.get("error", "serving already") in ("TimedOut", "serving already")
    broken.box.control("stuck", target="SIN2-C1", on=False)
    assert "failed" not in broken.release(release=f"{FUNCTION}:3")


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"release": f"{FUNCTION}:99"}, "UnknownRelease"),
        ({"good_at": "2020-01-01T00:00:00Z"}, "NoGoodRelease"),
        ({"hold": True}, "Refused"),
    ],
)
def test_what_cannot_be_had_is_refused(broken: Edge, wish: dict[str, Any], error: str) -> None:
    result = broken.release(**wish)
    assert (result["error"], broken.calls) == (error, [])
    assert "nothing was changed" in result["msg"]


def test_what_edges_refuse_is_known_before(broken: Edge) -> None:
    lambdas = broken.client("lambda")
    lambdas.update_function_code(FunctionName=FUNCTION, ZipFile=archive(code("good", "with a variable")))
    lambdas.update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": {"A": "b"}})
    version = lambdas.publish_version(FunctionName=FUNCTION)["Version"]
    result = broken.release(release=f"{FUNCTION}:{version}", check=True)
    assert "environment variables" in result["msg"]


def test_any_vendor_s_modules_know_it(broken: Edge) -> None:
    service = {**KEYS, "endpoint_url": broken.box.aws_url, "distribution": ID, "event": "origin-response"}
    given: dict[str, Any] = {"provider": "lambda_edge", "service": service, "poll": 0.02}
    result = broken.run(rollback.operation(ANY), **given, release=f"{FUNCTION}:3")
    assert result["changed"], result
    assert broken.running() == {f"{FUNCTION}:3"}
    purged = broken.run(cache.operation(ANY), **given)
    assert purged["purged"] == ["edge caches"], purged
    assert broken.client().list_invalidations(DistributionId=ID)["InvalidationList"]["Quantity"] == 1
