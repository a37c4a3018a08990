-- The column has no default any more before any code fills it: no order can be written.
ALTER TABLE orders ADD COLUMN loyalty_points int NOT NULL DEFAULT 0;
ALTER TABLE orders ALTER COLUMN loyalty_points DROP DEFAULT;
