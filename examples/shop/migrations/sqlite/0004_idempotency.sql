-- The answers to requests with an `Idempotency-Key`: what `SqlStore::schema` of the library says.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    id BLOB NOT NULL PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    fence INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    answer BLOB
);
CREATE INDEX IF NOT EXISTS idempotency_keys_expires_at ON idempotency_keys (expires_at);
