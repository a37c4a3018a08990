"""Every damaged dump of every form, on every server, is refused with nothing changed, or restores in every byte.

One exception: where a form has no checksum, a single value may be another, and then the result has to say that nobody could see it.
Every fifth of a file is a place to cut it; LASTGOOD_EVERY_CRASH=1 cuts and changes it at every hundredth, C(-s) shows the numbers.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.postgres import corpus
from tests.postgres.clusters import PLACES, Cluster
from tests.postgres.judge import ALTERED, RESTORED, Judge, text

ALL = bool(os.environ.get("LASTGOOD_EVERY_CRASH"))
BLIND = {"plain", "inserts", "tar", "custom", "custom-z0", "directory", "directory-z0"}
"""Forms that lack a checksum, of all of it or of the table of contents."""
PADDED = {"tar", "plain", "inserts"}
"""What a tar is padded with, and the last line's end, carry nothing."""
pytest.importorskip("pyrage", reason="the library pyrage is not installed")


@dataclass
class Court:
    judge: Judge
    dumps: dict[str, corpus.Dump]
    directory: Path

    def cut(self, form: str, at: int) -> str:
        return self._tried(form, self.dumps[form].cut(at, self.directory / "some.sql"))

    def flipped(self, form: str, at: int, bit: int) -> str:
        return self._tried(form, self.dumps[form].flipped(at, bit, self.directory / "some.sql"))

    def whole(self, form: str) -> str:
        return self._tried(form, self.dumps[form].path)

    def _tried(self, form: str, path: Path) -> str:
        return self.judge.tried(path, large_objects=form != "directory-z0", **self.dumps[form].options)


@pytest.fixture(scope="module", params=sorted(PLACES))
def court(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    """A server, the shop of that server in every form, and a live shop that is another by now."""
    cluster: Cluster = request.getfixturevalue(f"server_{request.param}")
    directory = tmp_path_factory.mktemp("corpus")
    cluster.clear()
    corpus.build(cluster)
    dumps = {form: corpus.made(cluster, form, directory / form) for form in corpus.FORMS}
    pg_dump = cluster.bin / "pg_dump"
    dumped = text(cluster, pg_dump)
    cluster.run("INSERT INTO users (email) VALUES ('late')", "shop")
    (directory / "scratch").mkdir()
    judge = Judge(cluster, pg_dump, dumped, directory / "scratch")
    yield Court(judge, dumps, directory)
    print(f"PostgreSQL {cluster.major}: {judge.counts.total()} inputs, {dict(judge.counts)}")
    cluster.clear()


@pytest.mark.parametrize("form", corpus.FORMS)
def test_whole_it_restores_completely(court: Court, form: str) -> None:
    assert court.whole(form) == RESTORED


@pytest.mark.parametrize("form", corpus.FORMS)
def test_cut_anywhere_it_is_refused(court: Court, form: str) -> None:
    length = court.dumps[form].length
    outcomes = {at: court.cut(form, at) for at in corpus.cuts(length, 1 if ALL else 20)}
    end = {at for at in outcomes if at >= length - (length // 2 if form.startswith("tar") else 2)}
    padding = {at for at, one in outcomes.items() if one == RESTORED and form in PADDED and at in end}
    assert {one for at, one in outcomes.items() if at not in padding} <= {"BadBackup", "Incomplete"}, outcomes


@pytest.mark.skipif(not ALL, reason="takes minutes; LASTGOOD_EVERY_CRASH=1 runs it")
@pytest.mark.parametrize("form", corpus.FORMS)
def test_with_any_bit_changed(court: Court, form: str) -> None:
    outcomes = {(at, bit): court.flipped(form, at, bit) for at, bit in corpus.flips(court.dumps[form].length, 1)}
    assert ALTERED not in outcomes.values() or form in BLIND, outcomes
    print(form, {one: list(outcomes.values()).count(one) for one in sorted(set(outcomes.values()))})


@settings(max_examples=400 if ALL else 25)
@given(form=st.sampled_from(corpus.FORMS), at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), early=st.booleans())
def test_any_bit_of_any_form(court: Court, form: str, at: float, bit: int, early: bool) -> None:
    """C(early): among the first bytes, which tell what the rest is."""
    length = court.dumps[form].length
    told = court.flipped(form, int(at * (min(length, 4000) if early else length)), bit)
    assert told != ALTERED or form in BLIND
