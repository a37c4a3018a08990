"""postgres_slow_queries: who runs long and who stands in the way, without anybody's data, and never an error."""

from __future__ import annotations

import threading
from typing import Any

from ansible_collections.lastgood.recovery.plugins.modules import postgres_slow_queries

from tests.contract.bench import printed_by
from tests.postgres.clusters import Cluster


def told(url: str, **options: Any) -> dict[str, Any]:
    return printed_by(postgres_slow_queries.main, False, url=url, **options)


def test_who_only_holds_a_lock_is_listed_because_somebody_waits(newest: Cluster) -> None:
    newest.run("CREATE ROLE app LOGIN;\nCREATE DATABASE shop")
    newest.run("CREATE TABLE orders (email text);\nGRANT ALL ON orders TO app", "shop")
    url = newest.url("shop", "postgres")
    with newest.connect("shop", "app") as customer, newest.connect("shop") as holder:
        assert told(url)["queries"] == []
        holder.execute("SET application_name = 'nightly-export'")
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE orders")
        statement = "UPDATE orders SET email = 'eve@example.com' WHERE email = 'a@b.c'"
        thread = threading.Thread(target=lambda: customer.execute(statement))
        thread.start()
        while len((seen := told(url, slow_seconds=0.1))["queries"]) < 2:
            pass
        holder.execute("ROLLBACK")
        thread.join()
        pid = holder.info.backend_pid
    export, update = seen["queries"]
    assert (export["who"], export["state"], export["waited_for_by"]) == ("nightly-export", "idle in transaction", 1)
    assert (update["query"], update["waits_for"]) == ("UPDATE orders SET email = ? WHERE email = ?", [pid])
    assert seen["summary"] == f"2 of the sessions of shop are slow or in the way; 1 waits for {pid} (nightly-export)"
    assert f"{pid} nightly-export, idle in transaction" in "\n".join(seen["screen"])
    assert "@" not in str(seen)


def test_a_server_that_does_not_answer_is_no_error() -> None:
    seen = told("postgresql://boss:hidden-word@127.0.0.1:1/shop")
    assert (seen["seen"], seen["changed"], seen["queries"]) == (False, False, [])
    assert seen["summary"].startswith("! what slows the database down could not be seen: connecting to postgres")
    assert "hidden-word" not in str(seen)
