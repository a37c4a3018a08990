"""Clients of a database that write, and come back when they are thrown out. Usage: clients URL FIRST NUMBER.

A line says that all are there; they stop when stdin ends, and then tell what they have seen.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from typing import Any

import psycopg

THINK = (0.03, 0.07)
"""Seconds between two transactions."""
AGAIN = 0.02
"""Seconds until a client that was thrown out tries again."""
WHERE = "SELECT oid::int8 FROM pg_database WHERE datname = current_database()"


class Clients:
    def __init__(self, url: str, first: int, number: int) -> None:
        self.url = url
        self.commits: list[tuple[int, float, int]] = []
        """Client, CLOCK_MONOTONIC of the answer to COMMIT, OID of the database."""
        self.errors: list[tuple[int, float, str]] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._live, args=[client]) for client in range(first, first + number)]

    def _live(self, client: int) -> None:
        connection: psycopg.Connection[Any] | None = None
        while not self.over.is_set():
            try:
                if connection is None:
                    connection = psycopg.connect(self.url, prepare_threshold=None, connect_timeout=5)
                row = connection.execute(WHERE).fetchone()
                connection.execute("INSERT INTO visits (client) VALUES (%s)", [client])
                connection.execute("UPDATE users SET name = name WHERE id = %s", [1 + random.randrange(200)])
                connection.commit()
                self.commits.append((client, time.monotonic(), int(row[0]) if row else 0))
                time.sleep(random.uniform(*THINK))
            except psycopg.Error as error:
                self.errors.append((client, time.monotonic(), " ".join(str(error).split())[:120]))
                if connection is not None:
                    connection.close()
                connection = None
                time.sleep(AGAIN)
        if connection is not None:
            connection.close()


def main(url: str, first: int, number: int) -> None:
    clients = Clients(url, first, number)
    for thread in clients.threads:
        thread.start()
    while len({client for client, _at, _oid in clients.commits}) < number:
        time.sleep(0.1)
    print("there", flush=True)
    sys.stdin.read()
    clients.over.set()
    for thread in clients.threads:
        thread.join()
    json.dump({"commits": clients.commits, "errors": clients.errors}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
