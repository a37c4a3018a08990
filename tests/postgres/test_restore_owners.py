"""Dumps whose roles do not exist here and must not be created; and dumps with partitions and materialised views."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.backup import BACKUP
from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.restore import RESTORE

from tests.postgres import shop
from tests.postgres.clusters import Cluster

EVERY = os.environ.get("LASTGOOD_EVERY_CRASH")
OWNERS = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname !~ '^pg_|^information_schema$'"
PARTS = """
CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, at date NOT NULL, what text, PRIMARY KEY (id, at, what))
  PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-07-01') TO ('2027-01-01') PARTITION BY LIST (what);
CREATE TABLE events_2a PARTITION OF events_2 FOR VALUES IN ('a');
CREATE TABLE events_2x PARTITION OF events_2 DEFAULT;
CREATE INDEX ON events (what);
INSERT INTO events (at, what) SELECT date '2026-01-01' + g, CASE WHEN g % 2 = 0 THEN 'a' ELSE 'b' END FROM generate_series(0, 363) g;
CREATE MATERIALIZED VIEW by_day AS SELECT at, count(*) FROM events GROUP BY at;
CREATE UNIQUE INDEX ON by_day (at);
CREATE MATERIALIZED VIEW unfilled AS SELECT * FROM by_day WITH NO DATA
"""
SEEN = """
SELECT (SELECT array_agg(x::text ORDER BY x) FROM (SELECT tableoid::regclass::text, count(*) FROM events GROUP BY 1) x),
       (SELECT count(*) || ' ' || sum(count) FROM by_day),
       (SELECT array_agg(matviewname || ispopulated::text ORDER BY 1) FROM pg_matviews),
       (SELECT array_agg(pg_get_expr(relpartbound, oid) ORDER BY relname) FROM pg_class WHERE relispartition AND relkind <> 'I')
"""


@pytest.fixture
def moved(newest: Cluster, tmp_path: Path) -> dict[str, str]:
    """Dumps of a shop whose roles are gone since; another role has the shop that is live."""
    newest.run("CREATE ROLE \"ShopOwner\" LOGIN;\nCREATE ROLE reader")
    shop.build(newest, users=20, items=20, owner="ShopOwner")
    newest.run("GRANT SELECT ON users TO reader", "shop")
    sources = {"ours": shop.done(BACKUP, url=newest.url("shop"), destination=str(tmp_path / "ours"))["backup"]["path"]}
    for form in ("plain", "custom"):
        (tmp_path / form).mkdir()
        sources[form] = str(shop.dumped(newest, "shop", tmp_path / form, form))
    newest.clear()
    newest.run("CREATE ROLE app LOGIN CREATEDB;\nCREATE DATABASE shop OWNER app")
    newest.run("CREATE ROLE other")
    newest.run("CREATE TABLE users (id int);\nGRANT SELECT ON users TO other", "shop", "app")
    return sources


@pytest.mark.parametrize(("form", "mode"), [("ours", "beside"), ("custom", "in_place")])
def test_without_owners_all_belongs_to_one_role(newest: Cluster, tmp_path: Path, moved: dict[str, str], form: str, mode: str) -> None:
    given: dict[str, Any] = {"url": newest.url("shop", "app"), "source": moved[form], "mode": mode}
    given["emergency_backup"] = str(tmp_path / "saved")
    if mode == "beside":
        newest.run("GRANT pg_signal_backend TO app")
    told = shop.run(RESTORE, **given)
    assert (told["error"], "ShopOwner" in told["msg"], "no_owner" in told["msg"]) == ("Refused", True, True), told
    done = shop.done(RESTORE, no_owner=True, **given)
    assert newest.rows(OWNERS, "shop") == [("app",)], done
    assert any("other have rights" in note for note in done["notes"]), done
    assert newest.rows("SELECT count(*) FROM users", "shop", "app") == [(20,)]
    assert newest.rows("SELECT rolname FROM pg_roles WHERE rolname IN ('ShopOwner', 'reader')") == []


@pytest.mark.parametrize("mode", ["beside", "in_place"] if EVERY else ["in_place"])
def test_a_superuser_loads_as_the_role_that_is_to_have_it(newest: Cluster, tmp_path: Path, moved: dict[str, str], mode: str) -> None:
    given: dict[str, Any] = {"source": moved["ours"], "no_owner": True, "mode": mode, "emergency_backup": str(tmp_path / "saved")}
    told = shop.run(RESTORE, url=newest.url("shop", "app"), session_role="postgres", **given)
    assert (told["error"], told["changed"]) == ("NotAllowed", False), told
    done = shop.done(RESTORE, url=newest.url("shop"), session_role="app", **given)
    assert newest.rows(OWNERS, "shop") == [("app",)], done


def test_plain_sql_that_names_roles_is_refused(newest: Cluster, moved: dict[str, str]) -> None:
    told = shop.run(RESTORE, url=newest.url("shop"), source=moved["plain"], no_owner=True)
    assert (told["error"], "plain SQL is run as it is" in told["msg"], newest.databases()) == ("Refused", True, ["shop"]), told


@pytest.mark.parametrize("mode", ["beside", "in_place"])
@pytest.mark.parametrize("form", ["ours", "plain", "directory"] if EVERY else ["ours"])
def test_partitions_and_materialised_views_come_back(newest: Cluster, tmp_path: Path, form: str, mode: str) -> None:
    newest.run("CREATE DATABASE shop")
    newest.run(PARTS, "shop")
    seen, content = newest.rows(SEEN, "shop"), shop.seen(newest)
    if form == "ours":
        source = shop.done(BACKUP, url=newest.url("shop"), destination=str(tmp_path))["backup"]["path"]
    else:
        source = str(shop.dumped(newest, "shop", tmp_path, form))
    newest.run("DROP TABLE events_1;\nDELETE FROM events_2a;\nALTER TABLE events DETACH PARTITION events_2", "shop")
    done = shop.done(RESTORE, url=newest.url("shop"), source=source, mode=mode, emergency_backup=str(tmp_path / "saved"))
    assert newest.rows(SEEN, "shop") == seen, done
    assert shop.seen(newest) == content
    assert any("364 rows" in line for line in done["looked_at"]), done


def test_a_missing_row_of_a_partition_is_seen(newest: Cluster, tmp_path: Path) -> None:
    """The proof counts each partition: a trigger that swallows rows while they are loaded is found out."""
    newest.run("CREATE DATABASE shop")
    newest.run(PARTS, "shop")
    newest.run("""CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$""", "shop")
    source = shop.dumped(newest, "shop", tmp_path, "plain")
    text = source.read_text()
    trigger = "CREATE TRIGGER swallow BEFORE INSERT ON public.events_2x FOR EACH ROW EXECUTE FUNCTION public.swallow();\n"
    copy = text.index("COPY public.events_2x")
    source.write_text(text[:copy] + trigger + text[copy:])
    before = shop.seen(newest)
    told = shop.run(RESTORE, url=newest.url("shop"), source=str(source))
    assert (told["error"], "events_2x has 0 rows" in told["msg"], newest.databases()) == ("Incomplete", True, ["shop"]), told
    assert shop.seen(newest) == before
