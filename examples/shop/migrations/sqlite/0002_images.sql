-- Width and height are missing where a picture does not tell them.
CREATE TABLE images (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    alt        TEXT    NOT NULL,
    media_type TEXT    NOT NULL CHECK (media_type LIKE 'image/%'),
    width      INTEGER CHECK (width > 0),
    height     INTEGER CHECK (height > 0),
    content    BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX images_by_product ON images (product_id, id);
