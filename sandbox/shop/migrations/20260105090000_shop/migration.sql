CREATE TABLE products (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE NOT NULL, price_cents int NOT NULL);
CREATE TABLE customers (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL, password_hash text NOT NULL);
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int NOT NULL REFERENCES customers,
  status text NOT NULL, total_cents int NOT NULL, payment text, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE order_items (
  order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, product_id int NOT NULL REFERENCES products,
  quantity int NOT NULL CHECK (quantity > 0), PRIMARY KEY (order_id, product_id));
