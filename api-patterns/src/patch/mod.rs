//! Partial updates: merge patch and JSON Patch.
