-- Leases that were renewed: the second half of `SqlStore::schema`.
CREATE TABLE IF NOT EXISTS idempotency_keys_leases (
    id BYTEA PRIMARY KEY,
    fence BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS idempotency_keys_lease_ends ON idempotency_keys_leases (expires_at);
