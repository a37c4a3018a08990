"""Which configuration a distribution had at a moment, from captures and from AWS Config, and what of it nobody knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import moment

from tests.aws.edge_bench import CONFIG, ID, Edge, now


def at(**ago: float) -> str:
    return moment.iso(datetime.now(UTC) - timedelta(**ago))


def kept(edge: Edge, folder: Path, comment: str, modified: str, captured: str) -> None:
    """A capture of earlier times."""
    config = edge.config() | {"Comment": comment}
    content = {"distribution": ID, "etag": comment, "config": config, "functions": {}, "modified": modified, "captured_at": captured}
    edge._save(str(folder / ID / f"{moment.parse(captured):%Y%m%dT%H%M%SZ}.json"), content)


def test_a_state_is_captured_once(edge: Edge, tmp_path: Path) -> None:
    assert edge.capture(captures=str(tmp_path), check=True)["captured_in"]
    assert not list(tmp_path.iterdir())
    first, second = (edge.capture(captures=str(tmp_path)) for _ in range(2))
    assert (first["changed"], second["changed"]) == (True, False)
    held = json.loads(Path(first["captured_in"]).read_text())
    assert held["config"] == edge.config()
    assert list(held["functions"]) == ["arn:aws:lambda:us-east-1:123456789012:function:security-headers:3"]


def test_without_anything_to_encrypt_with_nothing_is_captured(edge: Edge, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(Edge, "_save", None)
    result = edge.capture(captures=str(tmp_path))
    assert (result["error"], list(tmp_path.iterdir())) == ("Refused", [])


def test_of_several_captures_that_of_the_time_is_taken(edge: Edge, tmp_path: Path) -> None:
    kept(edge, tmp_path, "older", at(days=9), at(days=5))
    kept(edge, tmp_path, "good", at(days=3), at(days=2))
    edge.change(Comment="Bad")

    def comment(good_at: str) -> Any:
        result = edge.run(CONFIG, check=True, good_at=good_at, captures=str(tmp_path))
        return result["diff"]["after"].get("Comment") if "failed" not in result else result["error"]

    assert [comment(at(days=days)) for days in (10, 6, 4, 1)] == ["NotRestorable", "older", "older", "good"]
    assert edge.run(CONFIG, check=True, good_at=at(days=2.5), captures=str(tmp_path))["warnings"] == []
    doubt = edge.run(CONFIG, check=True, good_at=at(days=1), captures=str(tmp_path))["warnings"]
    assert "nobody knows of a change between" in doubt[0]
    assert edge.run(CONFIG, good_at=now(), captures=str(tmp_path))["changed"] is False


def test_aws_config_tells_what_it_had(edge: Edge) -> None:
    good_at = now()
    edge.box.ship("security-headers", "breaks-checkout")
    edge.change(Comment="Bad")

    result = edge.run(CONFIG, good_at=good_at, aws_config=True)

    assert result["changed"], result
    assert (result["warnings"], edge.config()["Comment"], edge.running()) == ([], "Rachel Foods", {"security-headers:3"})
    older = edge.run(CONFIG, good_at=at(days=20), aws_config=True)
    assert older["changed"], older
    assert edge.running() == {"security-headers:1"}
    assert edge.run(CONFIG, good_at=at(days=90), aws_config=True)["error"] == "NotRestorable"


def test_aws_config_that_records_nothing_says_so(edge: Edge) -> None:
    fault = {"status": 400, "code": "ResourceNotDiscoveredException", "message": "not discovered"}
    edge.box.control("aws_fault", service="config", call="GetResourceConfigHistory", **fault)
    result = edge.run(CONFIG, good_at=at(days=1), aws_config=True, check=True)
    assert result["changed"] is False  # what it has now goes back that far
    result = edge.run(CONFIG, good_at=at(days=9), aws_config=True, check=True)
    assert (result["error"], result["changed"]) == ("NotRestorable", False)
    assert "does not record" in result["msg"]


def test_a_file_that_is_none_is_refused(edge: Edge, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"variables": {}}')
    assert "holds no captured configuration" in edge.run(CONFIG, recovery_point=str(path))["msg"]
    assert "cannot be read" in edge.run(CONFIG, good_at=at(days=9), captures=str(tmp_path))["msg"]
    assert edge.run(CONFIG, good_at="yesterday", captures=str(tmp_path))["error"] == "NotATime"
