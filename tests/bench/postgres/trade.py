"""A trading database as large as one likes, every kind of object in it; a row of a child repeats the reference of its parent."""

from __future__ import annotations

from tests.postgres.clusters import Cluster

ROWS_PER_GB = {"users": 260_000, "products": 13_000, "orders": 960_000, "order_items": 2_900_000, "payments": 480_000, "events": 2_580_000}
TABLES = """
CREATE EXTENSION pg_trgm;
CREATE TYPE order_state AS ENUM ('new', 'paid', 'shipped');
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, name text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE products (id serial PRIMARY KEY, name text NOT NULL, price numeric(10, 2) NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id int NOT NULL, ref int NOT NULL, state order_state NOT NULL DEFAULT 'new',
  detail jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE order_items (id bigserial PRIMARY KEY, order_id bigint NOT NULL, order_ref int NOT NULL, product_id int NOT NULL,
  quantity int NOT NULL, price numeric(10, 2) NOT NULL);
CREATE TABLE payments (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), order_id bigint NOT NULL, order_ref int NOT NULL,
  amount numeric(10, 2) NOT NULL, paid_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE events (id bigserial PRIMARY KEY, user_id int NOT NULL, kind smallint NOT NULL, at timestamptz NOT NULL, note text NOT NULL);
CREATE TABLE visits (id bigserial PRIMARY KEY, client int NOT NULL, at timestamptz NOT NULL DEFAULT now())
"""
ROWS = """
INSERT INTO users (email, name, created_at) SELECT 'u' || g || '@example.com', 'User ' || md5(g::text), now() - g * interval '1 min'
  FROM generate_series(1, {users}) g;
INSERT INTO products (name, price) SELECT 'Product ' || md5(g::text), 1 + g % 500 FROM generate_series(1, {products}) g;
INSERT INTO orders (user_id, ref, state, detail, created_at) SELECT 1 + g::bigint * 7919 % {users}, g::bigint * 48271 % 2147483647,
  (enum_range(NULL::order_state))[1 + g % 3], jsonb_build_object('channel', g % 5, 'note', md5(g::text), 'coupon', g % 97),
  now() - g * interval '7 s' FROM generate_series(1, {orders}) g;
INSERT INTO order_items (order_id, order_ref, product_id, quantity, price) SELECT o, o * 48271 % 2147483647, 1 + g % {products}, 1 + g % 4,
  1 + g % 500 FROM (SELECT g, 1 + g::bigint * 3 % {orders} AS o FROM generate_series(1, {order_items}) g) AS items;
INSERT INTO payments (order_id, order_ref, amount) SELECT g, g::bigint * 48271 % 2147483647, 1 + g % 900
  FROM generate_series(1, {payments}) g;
INSERT INTO events (user_id, kind, at, note) SELECT 1 + g::bigint * 7919 % {users}, g % 40, now() - g * interval '1 s', 'seen on page ' || g
  FROM generate_series(1, {events}) g
"""
REST = """
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX users_name ON users USING gin (name gin_trgm_ops);
CREATE INDEX orders_user ON orders (user_id);
CREATE INDEX orders_detail ON orders USING gin (detail jsonb_path_ops);
CREATE INDEX orders_open ON orders (created_at) WHERE state = 'new';
CREATE INDEX items_order ON order_items (order_id);
CREATE INDEX items_product ON order_items (product_id);
CREATE INDEX payments_order ON payments (order_id);
CREATE INDEX events_user ON events (user_id);
ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;
ALTER TABLE order_items ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE order_items ADD FOREIGN KEY (product_id) REFERENCES products;
ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE events ADD FOREIGN KEY (user_id) REFERENCES users;
CREATE MATERIALIZED VIEW sold AS SELECT product_id, sum(quantity) AS pieces FROM order_items GROUP BY product_id;
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.state := coalesce(NEW.state, 'new'); RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touched();
VACUUM ANALYZE
"""
LATER = """
WITH u AS (INSERT INTO users (email, name) SELECT '{who}' || g || '@example.com', 'Late ' || g FROM generate_series(1, {users}) g
       RETURNING id),
 o AS (INSERT INTO orders (user_id, ref, detail) SELECT id, (random() * 2147483646)::int, '{{"channel": 1}}' FROM u, generate_series(1, 4)
       RETURNING id, ref),
 i AS (INSERT INTO order_items (order_id, order_ref, product_id, quantity, price) SELECT id, ref, 1 + id % 100, 1, 1
       FROM o, generate_series(1, 3)),
 p AS (INSERT INTO payments (order_id, order_ref, amount) SELECT id, ref, 1 FROM o WHERE id % 4 <> 0)
SELECT 1
"""
ROWS_PER_LATE_USER = 1 + 4 + 12 + 3
ASTRAY = """
SELECT (SELECT count(*) FROM order_items i LEFT JOIN orders o ON o.id = i.order_id WHERE i.order_ref IS DISTINCT FROM o.ref)
     + (SELECT count(*) FROM payments p LEFT JOIN orders o ON o.id = p.order_id WHERE p.order_ref IS DISTINCT FROM o.ref)
"""


def build(cluster: Cluster, name: str, gigabytes: float) -> None:
    """The database, of about that size; one of the name before it goes."""
    counts = {table: max(int(rows * gigabytes), 200) for table, rows in ROWS_PER_GB.items()}
    cluster.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);\nCREATE DATABASE {name}")
    cluster.run(TABLES + ";\n" + ROWS.format(**counts) + ";\n" + REST, name)


def write_later(cluster: Cluster, name: str, who: str, about: int) -> int:
    """About as many rows as customers write who come later, in four tables; how many exactly."""
    users = max(about // ROWS_PER_LATE_USER, 1)
    before = rows(cluster, name)
    cluster.run(LATER.format(who=who, users=users), name)
    return rows(cluster, name) - before


def astray(cluster: Cluster, name: str) -> int:
    """Rows that belong to another parent than they did when they were written."""
    return int(cluster.rows(ASTRAY, name)[0][0])


def size(cluster: Cluster, name: str) -> int:
    """Bytes."""
    return int(cluster.rows(f"SELECT pg_database_size('{name}')")[0][0])


def rows(cluster: Cluster, name: str) -> int:
    """In all tables."""
    return sum(int(cluster.rows(f"SELECT count(*) FROM {table}", name)[0][0]) for table in ROWS_PER_GB)
