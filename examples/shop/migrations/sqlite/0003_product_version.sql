-- Counts the changes of a product: what its ETag is made of, and what a change finds it by.
ALTER TABLE products ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
