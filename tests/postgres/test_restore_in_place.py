"""Restores into the one database there is: the old content or the new, whatever is killed when, and what was is saved first."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run, outcome
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster
from tests.postgres.test_restore import backed_up

STEPS = [(who, step) for who in ("session", "server") for step in range(1, 5)]
"""It records as many acts."""
EVERY = os.environ.get("LASTGOOD_EVERY_CRASH")
STEPS = STEPS if EVERY else [("server", 4)]
HARD = """
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT n; SELECT 2 * n; END;
CREATE EXTENSION citext;
CREATE TABLE people (name citext PRIMARY KEY, age int CHECK (twice(age) > 0));
INSERT INTO people VALUES ('Ada', 36);
SELECT lo_from_bytea(4711, 'a picture');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE AGGREGATE product(int) (SFUNC = int4mul, STYPE = int, INITCOND = 1);
COMMENT ON TABLE people IS E'not the end;\\nCOPY public.people (name, age) FROM stdin;\\n\\\\.\\n';
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;
GRANT USAGE ON SCHEMA public TO reader
"""
LATER = """
SELECT lo_unlink(4711);
SELECT lo_from_bytea(4712, 'another');
CREATE SCHEMA later;
CREATE TYPE later.mood AS ENUM ('sad');
CREATE FUNCTION later.feel() RETURNS later.mood LANGUAGE sql AS $$ SELECT 'sad'::later.mood $$;
CREATE EXTENSION hstore SCHEMA later;
CREATE TABLE later.diary (mood later.mood DEFAULT later.feel(), person citext REFERENCES public.people, more later.hstore);
CREATE MATERIALIZED VIEW later.seen AS SELECT * FROM later.diary;
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE SEQUENCE numbers;
CREATE OPERATOR @@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4mul);
ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT UPDATE ON TABLES TO reader;
GRANT CREATE ON SCHEMA public TO reader
"""
RIGHTS = """
SELECT (SELECT array_agg(a::text ORDER BY a::text) FROM pg_namespace, unnest(nspacl) a WHERE nspname = 'public'),
       (SELECT array_agg(defaclobjtype::text || defaclacl::text ORDER BY 1) FROM pg_default_acl),
       (SELECT array_agg(oid::int ORDER BY oid) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_publication)
"""


def options(cluster: Cluster, tmp_path: Path, user: str = "postgres", **more: Any) -> dict[str, Any]:
    return {"url": cluster.url("shop", user), "mode": "in_place", "emergency_backup": str(tmp_path / "emergency"), **more}


def test_everything_is_replaced_once_and_what_was_is_saved(newest: Cluster, tmp_path: Path) -> None:
    _backup, seen = backed_up(newest, tmp_path)
    wrecked = shop.seen(newest)
    newest.run("COMMENT ON DATABASE shop IS 'the shop'")
    given = options(newest, tmp_path, destination=str(tmp_path))
    plan = shop.done(RESTORE, check=True, **given)
    assert (plan["changed"], shop.seen(newest) == wrecked, (tmp_path / "emergency").exists()) == (True, True, False)
    assert any("nobody can write" in note for note in plan["notes"]), plan
    done = shop.done(RESTORE, **given)
    assert (done["changed"], newest.databases()) == (True, ["shop"]), done
    assert shop.seen(newest) == seen
    assert (done["loss"]["tables"], done["diff"]) == (plan["loss"]["tables"], plan["diff"])
    assert done["sequences"]["public.users_id_seq"] > 307
    assert not shop.done(RESTORE, **given)["changed"]
    assert not shop.done(RESTORE, check=True, **given)["changed"]
    back = shop.done(RESTORE, **options(newest, tmp_path, source=done["emergency_backup"]["path"]))
    assert back["changed"], back
    assert shop.seen(newest) == wrecked


@pytest.mark.parametrize("form", ["plain.gz", "custom"])
def test_nothing_of_what_came_later_stays(newest: Cluster, tmp_path: Path, form: str) -> None:
    newest.run("CREATE ROLE shop LOGIN;\nCREATE ROLE reader")
    shop.build(newest, users=20, items=20, owner="shop")
    newest.run(HARD, "shop")
    newest.run("ALTER DATABASE shop SET search_path = audit, public")
    seen, rights = shop.seen(newest), newest.rows(RIGHTS, "shop")
    file = shop.dumped(newest, "shop", tmp_path, form)
    newest.run(LATER, "shop")
    done = shop.done(RESTORE, **options(newest, tmp_path, source=str(file)))
    assert done["changed"], done
    assert shop.seen(newest) == seen
    assert newest.rows(RIGHTS, "shop") == rights
    assert newest.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'later'", "shop") == []
    assert newest.rows("SELECT extname FROM pg_extension WHERE extname = 'hstore'", "shop") == []
    assert newest.rows("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'audit'", "shop") == [("shop",)]


def test_an_owner_without_createdb_and_with_one_database_can(cluster: Cluster, tmp_path: Path) -> None:
    cluster.run("CREATE ROLE shop LOGIN")
    _backup, seen = backed_up(cluster, tmp_path, owner="shop")
    cluster.run("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
    try:
        given = options(cluster, tmp_path, "shop", destination=str(tmp_path), maintenance_db="shop")
        cluster.run("DROP TABLE made_by_migration;\nCREATE TABLE made_by_migration (id int)", "shop")
        told = shop.run(RESTORE, **given)
        assert (told["error"], "table public.made_by_migration" in told["msg"], told["changed"]) == ("NotAllowed", True, False), told
        cluster.run("ALTER TABLE made_by_migration OWNER TO shop", "shop")
        done = shop.done(RESTORE, **given)
    finally:
        cluster.run("GRANT CONNECT ON DATABASE postgres TO PUBLIC")
    assert done["changed"], done
    assert shop.seen(cluster) == seen


@pytest.mark.parametrize(("who", "step"), STEPS)
def test_killed_at_any_step_it_is_the_old_content(newest: Cluster, tmp_path: Path, who: str, step: int) -> None:
    _backup, seen = backed_up(newest, tmp_path)
    wrecked = shop.seen(newest)
    calls: list[str] = []

    def record(event: str, **fields: Any) -> None:
        if event == "call":
            calls.append(fields["path"])
            if len(calls) == step:
                if who == "server":
                    newest.kill()
                    newest.start()
                else:
                    newest.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lastgood restore%'")

    given = options(newest, tmp_path, destination=str(tmp_path))
    told = outcome(RESTORE, shop.validated(RESTORE, given), Run(record=record))
    assert (told.get("failed"), len(calls), shop.seen(newest) == wrecked) == (True, step, True), (told, calls)
    shop.done(RESTORE, **given)
    assert shop.seen(newest) == seen


def test_writers_wait_and_lose_nothing_that_was_not_saved(newest: Cluster, tmp_path: Path) -> None:
    """Whoever is in a transaction is ended; whoever writes waits, without an error, and then writes to what was restored."""
    backed_up(newest, tmp_path)
    written: list[str] = []
    stop = threading.Event()

    def write() -> None:
        with newest.connect("shop") as connection:
            while not stop.is_set():
                name = f"writer {len(written)}"
                connection.execute("INSERT INTO users (email) VALUES (%s)", [name])
                written.append(name)

    idle = newest.connect("shop")
    idle.execute("BEGIN")
    idle.execute("SELECT * FROM users")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        done = shop.done(RESTORE, **options(newest, tmp_path, destination=str(tmp_path)))
        before = len(written)
        while len(written) == before and writer.is_alive():
            pass
    finally:
        stop.set()
        writer.join()
        idle.close()
    assert done["ended"] >= 1, done
    newest.run("CREATE DATABASE saved")
    shop.done(RESTORE, url=newest.url("saved"), from_database="shop", source=done["emergency_backup"]["path"])
    query = "SELECT email FROM users WHERE email LIKE 'writer %'"
    found = [row[0] for name in ("saved", "shop") for row in newest.rows(query, name)]
    assert sorted(found) == sorted(written)


def test_a_second_one_is_told_who_is_at_it(newest: Cluster, tmp_path: Path) -> None:
    backed_up(newest, tmp_path)
    results: list[dict[str, Any]] = []
    given = options(newest, tmp_path, destination=str(tmp_path))

    def record(event: str, **fields: Any) -> None:
        if event == "call" and not results:
            results.extend([{}, shop.run(RESTORE, **given), shop.run(RESTORE, url=newest.url("shop"), destination=str(tmp_path))])

    first = outcome(RESTORE, shop.validated(RESTORE, given), Run(record=record))
    assert not first.get("failed"), first
    assert [(one["error"], one["changed"]) for one in results[1:]] == [("Locked", False)] * 2, results


@pytest.mark.parametrize("statement", ["COMMIT", "/* /* x */ */ ROLLBACK", "SELECT 1; END"] if EVERY else ["ROLLBACK"])
def test_a_dump_that_ends_the_transaction_changes_nothing(newest: Cluster, tmp_path: Path, statement: str) -> None:
    shop.build(newest, users=20, items=20)
    file = shop.dumped(newest, "shop", tmp_path, "plain")
    text = file.read_text()
    file.write_text(text.replace("\nCREATE TABLE audit.log", f"\n{statement};\nCREATE TABLE audit.log"))
    newest.run("INSERT INTO users (email) VALUES ('late')", "shop")
    before = shop.seen(newest)
    told = shop.run(RESTORE, **options(newest, tmp_path, source=str(file)))
    if told.get("failed"):
        assert shop.seen(newest) == before, told
    else:  # a COMMIT alone is what pg_dump writes after large objects, and is left out
        assert statement == "COMMIT"
        assert newest.rows("SELECT count(*) FROM users", "shop")[0][0] == 20


def test_what_is_not_well_or_not_the_same_is_rolled_back(newest: Cluster, tmp_path: Path) -> None:
    backed_up(newest, tmp_path)
    wrecked = shop.seen(newest)
    given = options(newest, tmp_path, destination=str(tmp_path))
    told = shop.run(RESTORE, health_query="SELECT count(*) > 0 FROM made_by_migration", **given)
    assert (told["error"], "is as it was" in told["msg"], "RUN pg_dump shop" in told["msg"]) == ("ActivationFailed", True, True), told
    assert shop.seen(newest) == wrecked
    told = shop.run(RESTORE, free_space=1000, **given)
    assert (told["error"], told["changed"]) == ("Refused", False), told
    with newest.connect("shop") as session:
        session.execute("BEGIN")
        session.execute("INSERT INTO users (email) VALUES ('half')")
        session.execute("PREPARE TRANSACTION 'half'")
    told = shop.run(RESTORE, **given)
    assert (told["error"], told["changed"], "half" in told["msg"]) == ("Refused", False, True), told
