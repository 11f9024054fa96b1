//! Requests that are safe to repeat.
