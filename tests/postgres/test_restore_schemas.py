"""Restores into schemas of the one database there is, by way of another server; nobody sees an error, and the old schemas are kept."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.schema_swap import SCHEMA_SWAP

from tests.postgres import shop
from tests.postgres.clusters import Cluster, running
from tests.postgres.test_restore import backed_up

EVERY = os.environ.get("LASTGOOD_EVERY_CRASH")
NAMES = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$' ORDER BY 1"

RIGHTS = """
SELECT nspname, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(nspacl) a WHERE a::text !~ '^(pg_database_owner|postgres)=')
       || coalesce((SELECT ' default ' || string_agg(defaclacl::text, ' ') FROM pg_default_acl WHERE defaclnamespace = n.oid), '')
  FROM pg_namespace n WHERE nspname IN ('public', 'audit') ORDER BY 1
"""


@pytest.fixture(scope="session")
def other_18() -> Iterator[Cluster]:
    yield from running(18)


@pytest.fixture(scope="session")
def other_15() -> Iterator[Cluster]:
    yield from running(15)


@pytest.fixture
def other(other_18: Cluster) -> Iterator[Cluster]:
    """A server where databases may be made."""
    other_18.clear()
    yield other_18
    assert other_18.databases() == []


def serving(cluster: Cluster) -> dict[str, Any]:
    """What an observer sees, without what is kept."""
    found = shop.seen(cluster)
    kept = [name for name in found if "_old_" in name]
    objects = [line for line in found["objects"] if "_old_" not in line]
    return {**{name: one for name, one in found.items() if name not in kept}, "objects": sorted(set(objects))}


def options(cluster: Cluster, other: Cluster, user: str = "postgres", **more: Any) -> dict[str, Any]:
    return {"url": cluster.url("shop", user), "mode": "schema", "scratch_url": other.url("postgres"), **more}


@pytest.mark.parametrize("major", [15, 18] if EVERY else [18])
def test_the_schemas_come_back_once_and_go_back(request: pytest.FixtureRequest, tmp_path: Path, major: int) -> None:
    newest, other = (request.getfixturevalue(f"{name}_{major}") for name in ("server", "other"))
    newest.clear()
    other.clear()
    for cluster in (newest, other):
        cluster.run("CREATE ROLE shop LOGIN;\nCREATE ROLE reader")
    _backup, seen = backed_up(newest, tmp_path, owner="shop")
    newest.run("COMMENT ON SCHEMA audit IS 'who did it';\nALTER TABLE made_by_migration OWNER TO shop", "shop")
    wrecked = shop.seen(newest)
    given = options(newest, other, "shop", destination=str(tmp_path), maintenance_db="shop")
    plan = shop.done(RESTORE, check=True, **given)
    assert (plan["changed"], shop.seen(newest) == wrecked) == (True, True), plan
    done = shop.done(RESTORE, **given)
    assert done["diff"] == plan["diff"]
    assert sorted(done["kept_schemas"]) == ["audit", "public"], done
    seen["objects"] = sorted(set(seen["objects"]))
    assert serving(newest) == seen
    assert done["sequences"]["public.users_id_seq"] > 307
    newest.run("INSERT INTO users (email) VALUES ('after')", "shop", "shop")
    assert newest.rows("SELECT has_schema_privilege('pg_monitor', 'public', 'USAGE')", "shop") == [(True,)]
    assert not shop.done(RESTORE, **given)["changed"]
    assert newest.databases() == ["shop"]
    back: dict[str, Any] = {"url": newest.url("shop", "shop"), "maintenance_db": "shop"}
    plan = shop.done(SCHEMA_SWAP, check=True, undo=True, **back)
    undone = shop.done(SCHEMA_SWAP, undo=True, **back)
    assert (plan["changed"], plan["diff"]) == (True, undone["diff"])
    assert serving(newest)["public.users"] == wrecked["public.users"], undone
    assert newest.rows("SELECT obj_description('audit'::regnamespace)", "shop") == [("who did it",)]
    assert not shop.done(SCHEMA_SWAP, undo=True, **back)["changed"]
    for name in undone["kept_schemas"].values():
        assert shop.done(SCHEMA_SWAP, purge=name, **back)["changed"]
        assert not shop.done(SCHEMA_SWAP, purge=name, **back)["changed"]
    assert shop.seen(newest) == wrecked
    told = shop.run(SCHEMA_SWAP, purge="audit", **back)
    assert (told["error"], told["changed"]) == ("Refused", False), told


def test_rights_come_back_and_what_was_kept_before_is_left_alone(newest: Cluster, other: Cluster, tmp_path: Path) -> None:
    for cluster in (newest, other):
        cluster.run("CREATE ROLE reader")
    backed_up(newest, tmp_path / "first")
    newest.run("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;\nGRANT USAGE ON SCHEMA audit TO reader", "shop")
    shop.done(RESTORE, **options(newest, other, destination=str(tmp_path / "first")))
    assert newest.rows(RIGHTS, "shop") == [("audit", None), ("public", "=U/pg_database_owner")]
    newest.run("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;\nGRANT USAGE ON SCHEMA audit TO reader", "shop")
    rights, before = newest.rows(RIGHTS, "shop"), serving(newest)
    shop.done(BACKUP, url=newest.url("shop"), destination=str(tmp_path / "second"))
    kept = [row[0] for row in newest.rows(NAMES, "shop") if "_old_" in row[0]]
    shop.done(SCHEMA_SWAP, url=newest.url("shop"), purge=kept[0])
    newest.run("DROP TABLE users CASCADE;\nREVOKE ALL ON SCHEMA audit FROM reader", "shop")
    shop.done(RESTORE, **options(newest, other, destination=str(tmp_path / "second")))
    assert newest.rows(RIGHTS, "shop") == rights
    assert serving(newest) == before


def test_extensions_stay_and_schemas_of_a_migration_go(newest: Cluster, other: Cluster, tmp_path: Path) -> None:
    newest.run("CREATE DATABASE shop")
    newest.run("CREATE EXTENSION citext;\nCREATE TABLE people (name citext PRIMARY KEY);\nINSERT INTO people VALUES ('Ada')", "shop")
    source = shop.dumped(newest, "shop", tmp_path, "custom")
    newest.run("CREATE SCHEMA later;\nCREATE TABLE later.x (name citext REFERENCES public.people);\nDELETE FROM people", "shop")
    done = shop.done(RESTORE, **options(newest, other, source=str(source)))
    assert newest.rows("SELECT count(*) FROM people WHERE name = 'ADA'::citext", "shop") == [(1,)], done
    assert "later" not in [row[0] for row in newest.rows(NAMES, "shop")]
    assert newest.rows("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'citext'", "shop") == [("public",)]
    shop.done(SCHEMA_SWAP, undo=True, url=newest.url("shop"))
    assert newest.rows("SELECT count(*) FROM people WHERE name = 'ADA'::citext", "shop") == [(0,)]
    assert "later" in [row[0] for row in newest.rows(NAMES, "shop")]


def test_sessions_that_write_all_the_time_see_no_error(newest: Cluster, other: Cluster, tmp_path: Path) -> None:
    backed_up(newest, tmp_path)
    stop = threading.Event()
    written, failed = [0], list[Exception]()

    def write() -> None:
        with newest.connect("shop") as connection:
            while not stop.is_set():
                try:
                    connection.execute("INSERT INTO users (email) VALUES (gen_random_uuid())")
                    written[0] += 1
                except Exception as error:
                    failed.append(error)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for one in writers:
        one.start()
    try:
        done = shop.done(RESTORE, **options(newest, other, destination=str(tmp_path)))
    finally:
        stop.set()
        for one in writers:
            one.join()
    assert failed == []
    query = "SELECT count(*) FROM {} WHERE length(email) = 36"
    tables = ["public.users", f"{done['kept_schemas']['public']}.users"]
    assert sum(newest.rows(query.format(table), "shop")[0][0] for table in tables) == written[0]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("CREATE PUBLICATION news FOR TABLE users", "publications news"),
        ("CREATE EXTENSION hstore;\nUPDATE pg_extension SET extrelocatable = false WHERE extname = 'hstore'", "extension hstore"),
        ("CREATE SCHEMA host;\nCREATE VIEW host.look AS SELECT * FROM users", "host.look uses public.users"),
        ("CREATE TABLE host_table (id int)", ""),
    ][: None if EVERY else 2],
)
def test_what_cannot_be_done_is_refused_before_anything(newest: Cluster, other: Cluster, tmp_path: Path, what: str, words: str) -> None:
    for cluster in (newest, other):
        cluster.run("CREATE ROLE shop LOGIN")
    backed_up(newest, tmp_path, owner="shop")
    newest.run(what, "shop")
    before = shop.seen(newest)
    given = options(newest, other, "shop", destination=str(tmp_path))
    told = shop.run(RESTORE, **given if words else {**given, "scratch_url": newest.url("shop")})
    assert (told.get("error"), words in told["msg"], told["changed"]) in [("Refused", True, False), ("NotAllowed", True, False)], told
    assert shop.seen(newest) == before


def test_the_other_server_has_to_fit(server_15: Cluster, newest: Cluster, other: Cluster, tmp_path: Path) -> None:
    newest.run("CREATE ROLE app LOGIN")
    backed_up(newest, tmp_path, owner="app")
    told = shop.run(RESTORE, **options(newest, server_15, destination=str(tmp_path)))
    assert (told["error"], "is PostgreSQL 15" in told["msg"], told["changed"]) == ("Refused", True, False), told
    told = shop.run(RESTORE, **options(newest, newest, destination=str(tmp_path)))
    assert (told["error"], "is the server of shop itself" in told["msg"], told["changed"]) == ("Refused", True, False), told
    told = shop.run(RESTORE, **options(newest, other, destination=str(tmp_path)))
    assert (told["error"], "names roles" in told["msg"], told["changed"]) == ("Refused", True, False), told
    given = {**options(newest, other, "app", destination=str(tmp_path)), "no_owner": True}
    url = other.url("postgres", "nobody", "sehr-geheim")
    told = shop.run(RESTORE, **{**given, "scratch_url": url})
    assert (told["error"], told["changed"], "sehr-geheim" in str(told)) == ("ConnectionLost", False, False), told
    newest.run("DROP TABLE made_by_migration", "shop")
    done = shop.done(RESTORE, **given)
    assert newest.rows("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'", "shop") == [("app",)], done


def test_a_failure_at_any_step_leaves_the_schemas_as_they_were(newest: Cluster, other: Cluster, tmp_path: Path) -> None:
    _backup, seen = backed_up(newest, tmp_path)
    wrecked = shop.seen(newest)
    seen["objects"] = sorted(set(seen["objects"]))
    given = options(newest, other, destination=str(tmp_path))
    told = shop.run(RESTORE, health_query="SELECT count(*) > 0 FROM made_by_migration", **given)
    assert (told["error"], shop.seen(newest) == wrecked) == ("ActivationFailed", True), told
    step, last = 0, 0
    while not last:
        calls: list[str] = []
        step = step + 1 if EVERY else {0: 8}.get(step, step + 1)

        def record(event: str, calls: list[str] = calls, step: int = step, **fields: Any) -> None:
            if event == "call":
                calls.append(fields["path"])
                if len(calls) == step:
                    newest.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lastgood%'")

        told = outcome(RESTORE, shop.validated(RESTORE, given), Run(record=record))
        if told.get("failed"):
            assert (shop.seen(newest) == wrecked, newest.rows(NAMES, "shop")) == (True, [("audit",), ("public",)]), told
        else:
            last = len(calls)
    assert last < step, calls
    assert serving(newest) == seen
