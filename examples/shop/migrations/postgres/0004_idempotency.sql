-- The answers to requests with an `Idempotency-Key`: what `SqlStore::schema` of the library says.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    id BYTEA PRIMARY KEY,
    fingerprint BYTEA NOT NULL,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    answer BYTEA
);
CREATE INDEX IF NOT EXISTS idempotency_keys_expires_at ON idempotency_keys (expires_at);
