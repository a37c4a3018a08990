"""What fits together: generated histories, and an oracle that plays them minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.coherence import Member, Migration, Stack, migrations
from ansible_collections.lastgood.recovery.plugins.module_utils.prisma.breaking import breaks
from ansible_collections.lastgood.recovery.plugins.module_utils.release import Release
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.once
DAY = datetime(2026, 11, 22, tzinfo=UTC)
MINUTES, NAMES = 12, ("api", "shop", "web")
History = list[tuple[int, str]]
Schema = list[tuple[int, bool | None]]


def at(minute: float) -> datetime:
    return DAY + timedelta(minutes=minute)


def member(history: History, schema: Schema | None = None) -> Member:
    """Each artifact goes live at its minute; every deployment of it has an id of its own."""
    releases = [Release(f"{artifact}-{minute}", artifact, at(minute), at(minute), True) for minute, artifact in history]
    applied = [Migration(f"m{minute}", at(minute), breaking) for minute, breaking in schema or []]
    return Member(releases, releases[-1], schema=applied)


def served(history: History, minute: int) -> str | None:
    return next((artifact for since, artifact in reversed(history) if since <= minute), None)


def when(history: History, artifact: str) -> list[int]:
    """The minutes in which it served, the last one for ever."""
    return [minute for minute in range(MINUTES + 2) if served(history, minute) == artifact]


histories = st.lists(st.tuples(st.integers(0, MINUTES), st.sampled_from("abcd")), min_size=1, max_size=6, unique_by=lambda row: row[0])
worlds = st.fixed_dictionaries({name: histories.map(sorted) for name in NAMES})
edges = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
schemas = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.tuples(st.integers(0, MINUTES), st.sampled_from([True, False, None])), max_size=2)
)
goings = st.sets(st.sampled_from(NAMES), min_size=1)


def fits(world: dict[str, History], needs: dict[str, list[str]], schema: dict[str, Schema], minute: int, going: set[str]) -> bool:
    """The rules as a person would check them, with the minutes in which each artifact served."""
    after = {name: served(world[name], minute) if name in going else world[name][-1][1] for name in NAMES}
    if any(after[name] is None for name in going):
        return False
    lived = {name: when(world[name], after[name] or "") for name in NAMES}
    for name in going:
        last = max(lived[name])
        if last <= MINUTES and any(breaking and applied > last for applied, breaking in schema.get(name, [])):
            return False
    return all(
        min(lived[consumer]) <= max(lived[provider]) for consumer, providers in needs.items() for provider in providers if provider in going
    )


@settings(max_examples=400, deadline=None)
@given(world=worlds, needs=edges, schema=schemas, minute=st.integers(0, MINUTES), some=goings, every=goings)
def test_the_nearest_set_that_fits_is_the_newest_that_an_oracle_finds(
    world: dict[str, History], needs: dict[str, list[str]], schema: dict[str, Schema], minute: int, some: set[str], every: set[str]
) -> None:
    stack = Stack({name: member(world[name], schema.get(name)) for name in NAMES}, needs)
    states = [some & every, every]

    found = stack.nearest(at(minute + 0.5), states)

    good = [back for back in range(minute, -1, -1) if all(fits(world, needs, schema, back, going) for going in states)]
    chosen = {name: served(world[name], good[0]) for name in every} if good else None
    assert (found is not None) == bool(good)
    if found is not None:
        assert found <= at(minute + 0.5)
        assert {name: stack.members[name].at(found).artifact for name in every} == chosen  # type: ignore[union-attr]


@settings(max_examples=300, deadline=None)
@given(world=worlds, needs=edges, schema=schemas, minute=st.integers(0, MINUTES), some=goings, every=goings)
def test_the_most_that_fits_by_itself_is_the_largest_of_all_subsets(
    world: dict[str, History], needs: dict[str, list[str]], schema: dict[str, Schema], minute: int, some: set[str], every: set[str]
) -> None:
    stack = Stack({name: member(world[name], schema.get(name)) for name in NAMES}, needs)
    every = {name for name in every if served(world[name], minute)}
    states = [some & every, every]

    left = stack.most(at(minute + 0.5), states)

    subsets = [{name for place, name in enumerate(sorted(every)) if bits >> place & 1} for bits in range(2 ** len(every))]
    good = [subset for subset in subsets if all(fits(world, needs, schema, minute, going & subset) for going in states)]
    assert left in good
    assert all(subset <= left for subset in good)


def test_a_consumer_that_stays_newer_than_what_goes_back_is_named() -> None:
    stack = Stack({"web": member([(0, "a"), (9, "b")]), "api": member([(0, "c"), (5, "d")])}, {"web": ["api"]})

    (misfit,) = stack.misfits(at(1), {"api"})

    assert misfit.sure
    assert misfit.says.startswith("web would be newer than api: its b-9 went live on Sun 22 Nov 00:09, after c-0 of api had been taken out")
    assert stack.misfits(at(1), {"api", "web"}) == []
    assert stack.misfits(at(1), {"web"}) == [], "an older consumer lived with what came before"


def test_what_is_not_part_of_the_run_is_not_guessed() -> None:
    (misfit,) = Stack({"api": member([(0, "c"), (5, "d")])}, {"web": ["api"]}).misfits(at(1), {"api"})

    assert (misfit.sure, misfit.drop) == (False, "api")
    assert "web depends on api and is not part of this run" in misfit.says


@pytest.mark.parametrize(("breaking", "sure"), [(True, [True]), (None, [False]), (False, [])])
def test_a_release_from_before_a_migration(breaking: bool | None, sure: list[bool]) -> None:
    stack = Stack({"api": member([(0, "c"), (5, "d")], [(5, breaking)])}, {"api": ["shop"]})

    assert [misfit.sure for misfit in stack.misfits(at(1), {"api"})] == sure
    assert Stack(stack.members, stack.depends_on, {"shop": []}).misfits(at(1), {"api", "shop"}) == [], "its database goes back with it"


def test_a_database_that_goes_back_alone_loses_what_newer_code_needs() -> None:
    stack = Stack({"api": member([(0, "c"), (5, "d")])}, {"api": ["shop"]}, {"shop": [Migration("m4", at(4), False)]})

    (misfit,) = stack.misfits(at(1), {"shop"})

    assert "shop would lose m4" in misfit.says
    assert stack.most(at(1), [{"shop"}]) == set()
    assert stack.misfits(at(1), {"shop", "api"}) == []


def test_migrations_that_were_rolled_back_or_declared_harmless_do_no_harm() -> None:
    rows = [
        {"name": "m1", "finished_at": "2026-11-22T00:01:00Z", "rolled_back_at": None, "breaking": None},
        {"name": "m2", "finished_at": "2026-11-22T00:02:00Z", "rolled_back_at": "2026-11-22T00:03:00Z", "breaking": True},
        {"name": "m3", "finished_at": None, "rolled_back_at": None, "breaking": True},
    ]

    assert migrations({"migrations": rows}, {"m1": False}) == [Migration("m1", at(1), False)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ('CREATE TABLE "A" ("id" INT NOT NULL, CONSTRAINT "A_pkey" PRIMARY KEY ("id"));', False),
        ('ALTER TABLE "U" ADD COLUMN "tier" TEXT;', False),
        ('ALTER TABLE "U" ADD COLUMN "tier" TEXT NOT NULL DEFAULT \'none\';', False),
        ('ALTER TABLE "U" ADD COLUMN "tier" TEXT NOT NULL;', True),
        ('ALTER TABLE "U" ADD COLUMN "a" TEXT DEFAULT \'x\', ADD COLUMN "b" TEXT NOT NULL;', None),
        ('ALTER TABLE "U" DROP COLUMN "a";', True),
        ('ALTER TABLE "U" DROP "a";', True),
        ('ALTER TABLE "U" RENAME COLUMN "a" TO "b";', True),
        ('ALTER TABLE "U" ALTER COLUMN "a" SET NOT NULL;', True),
        ('ALTER TABLE "U" ALTER COLUMN "a" SET DATA TYPE BIGINT;', True),
        ('ALTER TABLE "U" ALTER COLUMN "a" DROP NOT NULL;', False),
        ('ALTER TABLE "U" DROP CONSTRAINT "c";', False),
        ('ALTER TABLE "U" ADD CONSTRAINT "f" FOREIGN KEY ("a") REFERENCES "B"("id");', None),
        ('CREATE UNIQUE INDEX "x" ON "U"("a");', None),
        ('CREATE INDEX "x" ON "U"("a"); DROP INDEX "y";', False),
        ('DROP TABLE "U";', True),
        ("ALTER TYPE \"Role\" ADD VALUE 'X';", False),
        ('UPDATE "U" SET "a" = 1;', None),
        ("DO $$ BEGIN EXECUTE 'drop table u'; END $$;", None),
        ("-- nothing\n", False),
    ],
)
def test_what_is_breaking_is_told_from_the_sql(sql: str, expected: bool | None) -> None:
    assert breaks(sql) is expected
