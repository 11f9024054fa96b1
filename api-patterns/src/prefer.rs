//! The `Prefer` header field (RFC 7240).
