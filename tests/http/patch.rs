//! Partial updates.
