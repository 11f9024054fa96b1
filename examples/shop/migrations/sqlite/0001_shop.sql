-- Times are microseconds since 1970-01-01T00:00:00Z: both databases keep every digit of them.
-- TEXT columns compare bytewise here (BINARY), as the same columns do under COLLATE "C" on PostgreSQL.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE categories (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL
) STRICT;

-- Products that name no category belong to this one; even an empty shop has it.
INSERT INTO categories (id, name, description)
VALUES (1, 'General', 'Everything that has no category of its own.');

CREATE TABLE products (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    sku         TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    description TEXT,
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    category_id INTEGER NOT NULL REFERENCES categories (id),
    rating      REAL    CHECK (rating BETWEEN 0 AND 10),
    active      INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

-- One index for each sortable order. A page is read forwards or backwards through the same index,
-- so ascending and descending share it; rows without a rating are one range at its end, read as a
-- branch of their own, so they may come last in both directions.
CREATE INDEX products_by_created_at ON products (created_at, id);
CREATE INDEX products_by_price      ON products (price_cents, id);
CREATE INDEX products_by_name       ON products (name, id);
CREATE INDEX products_by_rating     ON products (rating, id);
CREATE INDEX products_by_category   ON products (category_id, id);

CREATE TABLE reviews (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    author     TEXT,
    rating     REAL    NOT NULL CHECK (rating BETWEEN 0 AND 10),
    text       TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX reviews_by_product ON reviews (product_id, created_at, id);

CREATE TABLE events (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    severity    REAL,
    occurred_at INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    payload     TEXT
) STRICT;

CREATE INDEX events_by_occurred_at ON events (occurred_at, id);
CREATE INDEX events_by_created_at  ON events (created_at, id);
CREATE INDEX events_by_kind        ON events (kind, id);
CREATE INDEX events_by_title       ON events (title, id);
CREATE INDEX events_by_severity    ON events (severity, id);
