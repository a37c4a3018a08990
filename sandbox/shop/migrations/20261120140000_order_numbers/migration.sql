-- Fails as a whole: the table is called orders.
ALTER TABLE "Order" ADD COLUMN number text;
